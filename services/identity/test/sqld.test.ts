import { afterAll, beforeAll, expect, test } from "bun:test";
import { openDatabase, select, sql } from "@stoa/db";
import { migrate } from "@stoa/db/migrations";
import { readMigrations } from "@stoa/db/migrations/read";
import { mails } from "@stoa/mail/table";
import { type SqldServer, startSqld } from "@stoa/testing";
import type { Tokens } from "../sessions/schema.ts";
import { password, type TestIdentity, testIdentity } from "./harness.ts";

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

test("over HTTP too, of many refreshes at once all get the one active child, and an older token ends the session", async () => {
  const { tokens } = await identity.person("ada");
  const refresh = (refresh_token: string) =>
    identity.call<Tokens & { error_code?: string }>("POST", "/auth/refresh", { body: { refresh_token } });
  const answers = await Promise.all(Array.from({ length: 100 }, () => refresh(tokens.refresh_token)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const children = [...new Set(answers.map(({ body }) => body.refresh_token))];
  expect(children).toHaveLength(1);
  const next = await refresh(children[0] ?? "");
  expect(next.status).toBe(200);
  expect((await refresh(tokens.refresh_token)).body.error_code).toBe("refresh_token_reused");
  expect((await refresh(next.body.refresh_token)).body.error_code).toBe("session_revoked");
});

test("over HTTP too, one registration of an e-mail gets through, and one superuser stays", async () => {
  const registrations = await Promise.all(
    Array.from({ length: 10 }, () =>
      identity.call("POST", "/auth/register", { body: { email: "one@example.com", password } }),
    ),
  );
  expect(registrations.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(9).fill(409)]);

  const token = await identity.superuser();
  const { user_id } = await identity.verify(token);
  const other = await identity.register("grace");
  const set = (id: string, is_superuser: boolean) =>
    identity.call("PUT", `/auth/users/${id}/superuser`, { token, body: { is_superuser } });
  await set(other.id, true);
  await Promise.all([set(other.id, false), set(user_id, false)]);
  expect(await identity.db.query(sql`select 1 from users where is_superuser = 1 and is_active = 1`)).toHaveLength(1);
});

test("over HTTP too, one owner stays, one slug is taken, and an invitation is accepted once", async () => {
  const [owner, second] = [await identity.person("owner"), await identity.person("second")];
  const create = () =>
    identity.call<{ id: string }>("POST", "/organizations", {
      token: owner.token,
      body: { name: "Engines", slug: "engines" },
    });
  const made = await Promise.all([create(), create(), create()]);
  expect(made.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  const id = made.find(({ status }) => status === 201)?.body.id;

  const invitations = `/organizations/${id}/invitations`;
  const body = { email: "second@example.com", role: "owner" };
  expect((await identity.call("POST", invitations, { token: owner.token, body })).status).toBe(201);
  const [mail] = await identity.db.query(select({ text: mails.text }, sql`from ${mails} where kind = 'invitation'`));
  const token = /#token=([\w-]+)/.exec(mail?.text ?? "")?.[1];
  const accept = () => identity.call("POST", "/invitations/accept", { token: second.token, body: { token } });
  const accepted = await Promise.all([accept(), accept(), accept()]);
  expect(accepted.map(({ status }) => status).sort()).toEqual([200, 422, 422]);

  const left = await Promise.all(
    [owner, second].map(({ user, token }) =>
      identity.call("DELETE", `/organizations/${id}/members/${user.id}`, { token }),
    ),
  );
  expect(left.map(({ status }) => status).sort()).toEqual([204, 409]);
});
