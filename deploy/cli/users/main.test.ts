import { expect, test } from "bun:test";
import { among, openDatabase, sql } from "@stoa/db";
import { lockDataDir } from "@stoa/db/file-lock";
import { bunPasswords } from "@stoa/identity/passwords-bun";
import { rowsOf, temporaryDirectory } from "@stoa/testing";
import { run as runDb } from "../db/main.ts";
import { run } from "./main.ts";

/** A data folder with identity's database, which a running Stoa has locked, and a function that runs the command on it. */
async function world() {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryDirectory("users-cli"));
  const env = { DATA_DIR: folder.path, PUBLIC_URL: "https://stoa.example" };
  expect(await runDb(["migrate", "-s", "identity"], env, () => undefined)).toBe(0);
  const db = await openDatabase(`file:${folder.path}/identity.db`);
  stack.defer(() => db.close());
  const lock = lockDataDir(folder.path);
  stack.defer(() => lock.release());
  const users = async (line: string, input = "") => {
    const lines: string[] = [];
    const code = await run(
      line.split(" "),
      env,
      (text) => lines.push(text),
      () => Promise.resolve(input),
    );
    return { code, lines, text: lines.join("\n") };
  };
  const hashOf = async (username: string) => {
    const [row] = await rowsOf<{ password_hash: string }>(
      db,
      sql`select password_hash from users where username = ${username}`,
    );
    return row?.password_hash ?? "";
  };
  const owned = stack.move();
  return { users, db, hashOf, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const shownPassword = (text: string) => /shown this once: (\S+)/.exec(text)?.[1] ?? "";

test("create adds users with a password that is generated or read, and list shows them", async () => {
  await using w = await world();
  const first = await w.users("create root@example.com --superuser --verified");
  expect([first.code, first.lines[0]]).toEqual([0, expect.stringMatching(/^added root \(/)] as never);
  expect(await bunPasswords().verify(shownPassword(first.text), await w.hashOf("root"))).toBe(true);
  const second = await w.users(
    "create Ana@example.com --username Ana.B --name Ana --password-stdin",
    "seven herons by the weir\n",
  );
  expect([second.code, second.lines.length]).toEqual([0, 1]);
  expect(await bunPasswords().verify("seven herons by the weir", await w.hashOf("ana.b"))).toBe(true);

  const { lines } = await w.users("list");
  expect(lines.map((line) => line.split(/ {2,}/).slice(1))).toEqual([
    ["root", "root@example.com", "superuser"],
    ["ana.b", "Ana@example.com"],
  ]);
  // The mail that asks to confirm the address waits for the running Stoa, with its public address in the link.
  const mails = await rowsOf<{ recipient: string; text: string }>(w.db, sql`select recipient, text from mails`);
  expect(mails).toMatchObject([{ recipient: "Ana@example.com" }]);
  expect(mails[0]?.text).toContain("https://stoa.example/verify-email");
});

test("create refuses what the route refuses, each in a line", async () => {
  await using w = await world();
  expect(await w.users("create ana@example.com")).toMatchObject({
    code: 1,
    text: expect.stringContaining("There is no superuser yet"),
  });
  await w.users("create root@example.com --superuser");
  for (const [line, input, reason] of [
    ["create nobody", "", "email: This is not an e-mail address."],
    ["create ana@example.com --username a", "", "username: This must have 3 to 50 characters."],
    ["create ana@example.com --password-stdin", "password", "10"],
    ["create ROOT@example.com", "", "e-mail"],
  ] as const) {
    expect(await w.users(line, input)).toMatchObject({ code: 1, text: expect.stringContaining(reason) });
  }
  expect((await w.users("list")).lines).toHaveLength(1);
});

test("disable, enable and make-superuser change a user by id, username or e-mail", async () => {
  await using w = await world();
  const [added = ""] = (await w.users("create root@example.com --superuser")).lines;
  const id = /\((.*)\)/.exec(added)?.[1] ?? "";
  await w.users("create ana@example.com");
  const ana = async () => (await w.users("list")).lines.find((line) => line.includes("ana"));

  expect(await w.users("disable ANA@example.com")).toMatchObject({ code: 0, text: "disabled ana" });
  expect(await ana()).toEndWith("disabled");
  expect(await w.users("enable ana")).toMatchObject({ code: 0, text: "enabled ana" });
  expect(await w.users("disable root")).toMatchObject({ code: 1, text: expect.stringContaining("superuser") });
  expect(await w.users("make-superuser ana")).toMatchObject({ code: 0, text: "ana is a superuser" });
  expect(await ana()).toEndWith("superuser");
  expect(await w.users(`disable ${id}`)).toMatchObject({ code: 0 });
  expect(await w.users("disable nobody")).toMatchObject({ code: 1, text: "There is no user nobody." });
  const causes = await rowsOf(
    w.db,
    sql`select distinct device_info from journal where type in ('user.disabled', 'user.superuser_changed')`,
  );
  expect(causes).toEqual([{ device_info: "stoa users" }]);
});

test("disable says which organizations have no owner left", async () => {
  await using w = await world();
  await w.users("create root@example.com --superuser");
  for (const name of ["ana", "ben"]) await w.users(`create ${name}@example.com --username ${name}`);
  for (const [slug, owners] of [
    ["alone", ["ana"]],
    ["both", ["ana", "ben"]],
  ] as const) {
    await w.db.write([
      sql`insert into organizations (id, name, slug, version, created_at, updated_at)
        values (${slug}, ${`The ${slug}`}, ${slug}, 1, '2026-11-20T09:00:00.000Z', '2026-11-20T09:00:00.000Z')`,
      sql`insert into organization_members (organization_id, user_id, role, joined_at)
        select ${slug}, id, 'owner', created_at from users where username in ${among(owners)}`,
    ]);
  }
  const left = (slug: string) => `organization ${slug} (The ${slug}) has no owner left: a superuser can name another`;
  expect((await w.users("disable ana")).lines).toEqual(["disabled ana", left("alone")]);
  expect((await w.users("disable ben")).lines).toEqual(["disabled ben", left("both")]);
});

test("reset-password gives a password that is shown once, and ends all sessions and tickets", async () => {
  await using w = await world();
  await w.users("create root@example.com --superuser");
  await w.users("create ana@example.com --username ana");
  await w.db.write([
    sql`insert into sessions (id, user_id, auth_time, created_at, last_seen_at, expires_at, method)
      select 's1', id, 0, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', '2999-01-01T00:00:00.000Z', 'password'
      from users where username = 'ana'`,
  ]);
  const { code, text } = await w.users("reset-password ana");
  expect(code).toBe(0);
  expect(await bunPasswords().verify(shownPassword(text), await w.hashOf("ana"))).toBe(true);
  expect(await rowsOf(w.db, sql`select end_reason from sessions where id = 's1'`)).toEqual([
    { end_reason: "password_reset" },
  ]);
  const events = await rowsOf<{ type: string; data: string }>(
    w.db,
    sql`select type, data from journal order by seq desc limit 2`,
  );
  expect(events.map(({ type }) => type)).toEqual(["session.revoked", "user.password_changed"]);
  expect(events[0]?.data).toContain("s1");
  expect(await rowsOf(w.db, sql`select kind from mails where kind = 'password_changed'`)).toHaveLength(1);
});

test("remove-mfa removes a second factor, and says so when there is none", async () => {
  await using w = await world();
  await w.users("create root@example.com --superuser");
  expect(await w.users("remove-mfa root")).toMatchObject({ code: 1, text: "This user has no second factor." });
  await w.db.write([sql`update users set mfa_enabled = 1 where username = 'root'`]);
  expect(await w.users("remove-mfa root")).toMatchObject({ code: 0, text: "removed the second factor" });
  expect(await rowsOf(w.db, sql`select mfa_enabled from users`)).toEqual([{ mfa_enabled: 0 }]);
  expect(await rowsOf(w.db, sql`select 1 as one from journal where type = 'mfa.disabled'`)).toHaveLength(1);
});

test.each(["", "nothing", "list all", "disable", "disable a b", "create a@b.c --color"])(
  "for %j, which is not a command, the usage is printed",
  async (line) => {
    await using w = await world();
    expect(await w.users(line)).toMatchObject({ code: 1, text: expect.stringContaining("users <command>") });
  },
);

test("what is no command is named", async () => {
  await using w = await world();
  expect((await w.users("dissable ben")).text).toStartWith("There is no command dissable.");
  expect((await w.users("list all")).text).toStartWith("list takes no arguments.");
  expect((await w.users("disable")).text).toStartWith("Name one user.");
  expect((await w.users("create")).text).toStartWith("Name one e-mail address.");
});

test("--help shows the usage; without a database it says so, and creates none", async () => {
  await using w = await world();
  expect(await w.users("--help")).toMatchObject({ code: 0, text: expect.stringContaining("reset-password USER") });
  await using empty = await temporaryDirectory("nothing");
  const lines: string[] = [];
  expect(await run(["list"], { DATA_DIR: empty.path }, (line) => lines.push(line))).toBe(1);
  expect(lines.join()).toContain("There is no database of identity here");
});
