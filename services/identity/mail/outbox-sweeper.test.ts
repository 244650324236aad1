import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sql } from "@stoa/db";
import { outboxMailer } from "@stoa/mail/mailer-bun";
import { outboxSweeper } from "@stoa/mail/outbox-sweeper-bun";
import { sendMails } from "@stoa/mail/send";
import { silent, temporaryDirectory } from "@stoa/testing";
import { password, testIdentity } from "../test/harness.ts";

/** Identity with an outbox, and two people who have mail in it. */
async function world() {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryDirectory("outbox"));
  const identity = stack.use(await testIdentity());
  const { db, now } = identity.deps;
  const people = [await identity.person("ada"), await identity.person("grace")] as const;
  for (const { token } of people) await identity.call("POST", "/auth/email/verification", { token });
  await sendMails({ db, now, log: silent, mailer: outboxMailer(folder.path, "Stoa <stoa@example.com>", silent) });
  const owned = stack.move();
  return {
    identity,
    people,
    path: folder.path,
    files: () => readdirSync(folder.path).sort(),
    sweeper: outboxSweeper(folder.path, db, now),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test("the mails of an erased user are deleted at the next turn, those of others and other files stay", async () => {
  await using w = await world();
  const [ada] = w.people;
  await w.sweeper.turn();
  const before = w.files();
  expect(before.length).toBeGreaterThanOrEqual(2);
  const theirs = await w.identity.db.query(sql`select id from mails where user_id = ${ada.user.id}`);
  const files = theirs.map(({ id }) => `${id}.eml`);
  expect(before).toEqual(expect.arrayContaining(files));
  for (const name of ["notes.txt", `${theirs[0]?.["id"]}.eml.new`]) writeFileSync(join(w.path, name), "ada");
  await w.identity.call("DELETE", "/auth/me", { token: ada.token, body: { password } });
  await w.sweeper.turn();
  expect(w.files()).toEqual(expect.arrayContaining(files));
  w.sweeper.soon();
  await w.sweeper.turn();
  expect(w.files()).toEqual([...before.filter((name) => !files.includes(name)), "notes.txt"].sort());
});

test("mails that are purged from the table go within an hour", async () => {
  await using w = await world();
  await w.sweeper.turn();
  await w.identity.db.write([sql`delete from mails`]);
  w.identity.clock.ahead = 3_599_000;
  await w.sweeper.turn();
  expect(w.files().length).toBeGreaterThanOrEqual(2);
  w.identity.clock.ahead = 3_601_000;
  await w.sweeper.turn();
  expect(w.files()).toEqual([]);
});

test("a sweep that fails is an error, and the next turn sweeps again", async () => {
  await using w = await world();
  const { db, now } = w.identity.deps;
  const path = join(w.path, "outbox");
  writeFileSync(path, "a file where the folder should be");
  const sweeper = outboxSweeper(path, db, now);
  await expect(sweeper.turn()).rejects.toThrow("ENOTDIR");
  rmSync(path);
  mkdirSync(path);
  const left = join(path, `${crypto.randomUUID()}.eml`);
  writeFileSync(left, "of a user who was erased");
  await sweeper.turn();
  expect(existsSync(left)).toBe(false);
});

test("an outbox that does not exist is empty", async () => {
  await using w = await world();
  const { db, now } = w.identity.deps;
  await outboxSweeper(join(w.path, "none"), db, now).turn();
});
