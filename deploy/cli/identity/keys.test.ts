import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { openDatabase, sql } from "@stoa/db";
import { lockDataDir } from "@stoa/db/file-lock";
import { keyRing } from "@stoa/identity/keys/ring";
import { temporaryDirectory } from "@stoa/testing";
import { run as runDb } from "../db/main.ts";
import { run } from "./main.ts";

const SECRET_KEY = "a secret of at least thirty-two bytes";

/** A data folder with identity's database, and functions that make its first keys and run the command on it. */
async function world(more: Record<string, string> = {}) {
  const folder = await temporaryDirectory("identity-cli");
  const env = { DATA_DIR: folder.path, SECRET_KEY, ...more };
  expect(await runDb(["migrate", "-s", "identity"], env, () => undefined)).toBe(0);
  const open = () => openDatabase(`file:${folder.path}/identity.db`);
  const prepare = async () => {
    const db = await open();
    await keyRing({ db, now: () => new Date(), secrets: [SECRET_KEY], access_token_seconds: 900 }).prepare();
    await db.write([sql`update signing_keys set created_at = '2026-01-01T00:00:00.000Z'`]);
    db.close();
  };
  const identity = async (...args: string[]) => {
    const lines: string[] = [];
    const code = await run(args, env, (line) => lines.push(line));
    return { code, lines, text: lines.join("\n") };
  };
  return { identity, open, prepare, path: folder.path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

const statuses = (lines: readonly string[]) => lines.map((line) => line.split(" ")[0]).sort();

test("keys shows the keys; rotate rotates and shows them, and when run again soon says how long to wait", async () => {
  await using w = await world();
  await w.prepare();
  const before = await w.identity("keys");
  expect([before.code, statuses(before.lines)]).toEqual([0, ["active", "next"]]);
  const next = before.lines.find((line) => line.startsWith("next"))?.split(/ +/)[1];

  const rotated = await w.identity("keys", "rotate");
  expect([rotated.code, statuses(rotated.lines)]).toEqual([0, ["active", "next", "retiring"]]);
  expect(rotated.lines.find((line) => line.startsWith("active"))).toContain(` ${next} `);
  const again = await w.identity("keys", "rotate");
  expect([again.code, again.text]).toEqual([1, expect.stringMatching(/try again in 3\d\d s/)] as never);
});

test("revoke revokes a key, and the journal records that it was this command", async () => {
  await using w = await world();
  await w.prepare();
  const { lines } = await w.identity("keys");
  const kid = lines.find((line) => line.startsWith("active"))?.split(/ +/)[1] ?? "";
  const revoked = await w.identity("keys", "revoke", kid);
  expect([revoked.code, statuses(revoked.lines)]).toEqual([0, ["active", "next", "revoked"]]);
  const db = await w.open();
  const rows = await db.query(sql`select actor_id, device_info from journal where type = 'key.revoked'`);
  db.close();
  expect(rows).toEqual([{ actor_id: null, device_info: "bun run identity" }]);
  expect(await w.identity("keys", "revoke", "nothing")).toMatchObject({ code: 1, text: "There is no such key." });
});

test("says which route does the same while an instance has locked the file", async () => {
  await using w = await world();
  const lock = lockDataDir(w.path);
  expect((await w.identity("keys")).code).toBe(0);
  const { code, text } = await w.identity("keys", "rotate");
  lock.release();
  expect([code, text]).toEqual([1, expect.stringContaining("POST /api/v1/auth/keys/rotate")] as never);
});

test("reports a wrong secret and a missing database", async () => {
  await using w = await world({ SECRET_KEY: "another secret, also of at least 32 bytes" });
  await w.prepare();
  const { code, text } = await w.identity("keys", "rotate");
  expect([code, text]).toEqual([1, expect.stringContaining("SECRET_KEY does not open")] as never);
  await using empty = await temporaryDirectory("nothing");
  const lines: string[] = [];
  expect(await run(["keys"], { DATA_DIR: empty.path }, (line) => lines.push(line))).toBe(1);
  expect(lines.join()).toContain("There is no database of identity here");
});

test("generates no secret, because the service could not decrypt keys that were encrypted with it", async () => {
  await using w = await world({ SECRET_KEY: "" });
  await w.prepare();
  rmSync(join(w.path, "secret_key"), { force: true });
  expect(await w.identity("keys", "rotate")).toMatchObject({
    code: 1,
    text: expect.stringContaining("SECRET_KEY must be set"),
  });
});

test.each([[[]], [["nothing"]], [["keys", "turn"]], [["keys", "revoke"]], [["keys", "rotate", "now"]]])(
  "for %j, which is not a command, the usage is printed",
  async (args) => {
    await using w = await world();
    const { code, text } = await w.identity(...args);
    expect([code, text]).toEqual([1, expect.stringContaining("keys rotate")] as never);
  },
);

test("--help shows the usage", async () => {
  await using w = await world();
  for (const args of [["--help"], ["keys", "--help"], ["import-users", "-h"]]) {
    expect(await w.identity(...args)).toMatchObject({ code: 0, text: expect.stringContaining("bun run identity") });
  }
});

test("says what is wrong with its arguments", async () => {
  await using w = await world();
  for (const [args, line] of [
    [["kees"], "There is no command kees."],
    [["keys", "delete"], "There is no command keys delete."],
    [["keys", "rotate", "x"], "keys rotate takes fewer arguments."],
    [["keys", "revoke"], "Name the key to revoke."],
  ] as const) {
    expect((await w.identity(...args)).text).toStartWith(line);
  }
});
