import { afterAll, beforeAll, expect, test } from "bun:test";
import { openDatabase, select, sql } from "@stoa/db";
import { migrate } from "@stoa/db/migrations";
import { readMigrations } from "@stoa/db/migrations/read";
import { sendMails } from "@stoa/mail/send";
import { mails } from "@stoa/mail/table";
import { type SqldServer, startSqld } from "@stoa/testing";
import type { User } from "../users/schema.ts";
import { password, type TestIdentity, testIdentity } from "./harness.ts";
import { mailedToken } from "./mails.ts";

let server: SqldServer;
let identity: TestIdentity;

beforeAll(async () => {
  server = await startSqld();
  const db = await openDatabase(server.url);
  await migrate(db, readMigrations("identity"));
  identity = await testIdentity({ stored: { db, [Symbol.asyncDispose]: async () => db.close() } });
});

afterAll(async () => {
  await identity[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const post = <T>(path: string, body: object) =>
  identity.call<T & { error_code?: string }>("POST", `/auth/${path}`, { body });

test("over HTTP too, a mailed token works once, whatever its purpose", async () => {
  const { token } = await identity.person("ada");
  const verification = await mailedToken(identity.db, "ada@example.com", "email_verification");
  const verified = await Promise.all([1, 2, 3].map(() => post<User>("email/verify", { token: verification })));
  expect(verified.map(({ status }) => status).toSorted()).toEqual([200, 422, 422]);

  await identity.call("PATCH", "/auth/me", { token, body: { email: "countess@example.com", full_name: "Ada" } });
  const change = await mailedToken(identity.db, "countess@example.com", "email_change");
  expect((await post<User>("email/verify", { token: change })).body).toMatchObject({ email: "countess@example.com" });

  await post("password/forgot", { email: "countess@example.com" });
  await post("password/forgot", { email: "nobody@example.com" });
  const renewal = { token: await mailedToken(identity.db, "countess@example.com", "password_reset") };
  const resets = await Promise.all(
    [1, 2, 3].map(() => post("password/reset", { ...renewal, new_password: "nine otters in the reeds" })),
  );
  expect(resets.map(({ status }) => status).toSorted()).toEqual([204, 422, 422]);
  expect(await identity.login("ada", "nine otters in the reeds")).toBeDefined();
});

test("over HTTP too, of several senders each mail is taken by one", async () => {
  for (const name of ["hedy", "radia", "edith"]) await identity.register(name);
  const delivered: string[] = [];
  const { db } = identity;
  const mailer = { deliver: async ({ id }: { id: string }) => void delivered.push(id) };
  const { log, now } = identity.deps.http;
  await Promise.all([1, 2, 3].map(() => sendMails({ db, now, log, mailer })));
  const sent = await db.query(select({ id: mails.id }, sql`from ${mails} where status = 'sent' order by id`));
  expect(delivered.toSorted()).toEqual(sent.map(({ id }) => id));
  expect(sent.length).toBeGreaterThanOrEqual(3);
});

test("over HTTP too, erasing leaves nothing, and of the last two superusers one stays", async () => {
  const grace = await identity.person("grace");
  const erased = await identity.call("DELETE", "/auth/me", { token: grace.token, body: { password } });
  expect(erased.status).toBe(204);
  const left = await identity.db.queryAll([
    sql`select * from users`,
    sql`select * from mails`,
    sql`select * from tickets`,
    sql`select * from journal`,
  ]);
  expect(JSON.stringify(left)).not.toContain("grace");
  expect(await identity.db.query(sql`select 1 from sessions where user_id = ${grace.user.id}`)).toEqual([]);
  const root = await identity.superuser();
  const { user_id } = await identity.verify(root);
  const ada = await identity.login("ada", "nine otters in the reeds");
  const other = await identity.verify(ada.access_token);
  await identity.call("PUT", `/auth/users/${other.user_id}/superuser`, { token: root, body: { is_superuser: true } });
  const answers = await Promise.all([
    identity.call("DELETE", `/auth/users/${user_id}`, { token: ada.access_token }),
    identity.call("DELETE", `/auth/users/${other.user_id}`, { token: root }),
  ]);
  expect(answers.map(({ status }) => status)).toContain(204);
  expect(await identity.db.query(sql`select 1 from users where is_superuser = 1 and is_active = 1`)).toHaveLength(1);
});
