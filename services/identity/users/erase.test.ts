import { describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { raw, sql } from "@stoa/db";
import { eventCatalogue } from "@stoa/events";
import { rowsOf } from "@stoa/testing";
import { password, root, type TestIdentity, testIdentity } from "../test/harness.ts";
import type { User } from "./schema.ts";

const erase = (identity: TestIdentity, token: string, secret = password) =>
  identity.call("DELETE", "/auth/me", { token, body: { password: secret } });

/** Everything that stands in the database, as text. */
async function everything(identity: TestIdentity): Promise<string> {
  const tables = await rowsOf<{ name: string }>(identity.db, sql`select name from sqlite_master where type = 'table'`);
  const rows = await identity.db.queryAll(tables.map(({ name }) => sql`select * from ${raw(`"${name}"`)}`));
  return JSON.stringify(rows);
}

describe("DELETE /auth/me", () => {
  test("204: nothing of the person is left, their id stays, their tokens end, and one event says so", async () => {
    await using identity = await testIdentity();
    const headers = { "user-agent": "Lynx on the Analytical Engine" };
    const { body: user } = await identity.call<User>("POST", "/auth/register", {
      body: { email: "ada@analysts.example", username: "countess", full_name: "Ada King", password },
      headers,
    });
    const login = await identity.call<{ access_token: string; refresh_token: string; session_id: string }>(
      "POST",
      "/auth/login",
      { body: { username: "countess", password }, headers },
    );
    const token = login.body.access_token;
    await identity.call("POST", "/auth/login", { body: { username: "countess", password: "not this" }, headers });
    await identity.call("POST", "/auth/password/forgot", { body: { email: "ada@analysts.example" }, headers });
    await identity.call("PATCH", "/auth/me", { token, body: { full_name: "Ada Lovelace", bio: "Bernoulli" }, headers });
    await identity.call("POST", "/organizations", { token, body: { name: "Analysts" }, headers });

    const names = ["analysts.example", "countess", "Ada King", "Ada Lovelace", "Bernoulli", "Lynx"];
    const before = await everything(identity);
    for (const name of names) expect(before).toContain(name);
    const answer = await identity.call("DELETE", "/auth/me", { token, body: { password }, headers });
    expect([answer.status, answer.body]).toEqual([204, null as never]);
    const after = await everything(identity);
    for (const name of names) expect(after).not.toContain(name);
    expect(after).toContain(user.id);

    const [event, ...others] = await identity.events("user.erased");
    expect(others).toEqual([]);
    expect(event).toMatchObject({ aggregate_id: user.id, actor_id: user.id, ip_address: null, device_info: null });
    expect(JSON.parse(String(event?.["data"]))).toEqual({ user_id: user.id, session_ids: [login.body.session_id] });

    expect((await identity.call("GET", "/auth/me", { token })).body.error_code).toBe("session_revoked");
    const { refresh_token } = login.body;
    const refreshed = await identity.call("POST", "/auth/refresh", { body: { refresh_token } });
    expect(refreshed.body.error_code).toBe("session_revoked");
    expect((await identity.call("POST", "/auth/login", { body: { username: "countess", password } })).status).toBe(401);
    const admin = await identity.superuser();
    expect((await identity.call("GET", `/auth/users/${user.id}`, { token: admin })).status).toBe(404);
  });

  test("nor the address of invitations that were mailed before it was known to be theirs", async () => {
    await using identity = await testIdentity();
    const { token: host } = await identity.person("grace");
    const { body: organization } = await identity.call<{ id: string }>("POST", "/organizations", {
      token: host,
      body: { name: "Compilers" },
    });
    const body = { email: "Ada@Example.com", role: "member" };
    await identity.call("POST", `/organizations/${organization.id}/invitations`, { token: host, body });
    await identity.db.write([sql`update mails set status = 'sent' where kind = 'invitation'`]);
    const { token } = await identity.person("ada");
    await erase(identity, token);
    expect(await identity.db.query(sql`select 1 from mails where kind = 'invitation'`)).toEqual([]);
  });

  test("the address and the username can register again, as someone new", async () => {
    await using identity = await testIdentity();
    const { user, token } = await identity.person("ada");
    await erase(identity, token);
    const again = await identity.register("ada");
    expect(again.id).not.toBe(user.id);
    expect(again).toMatchObject({ username: "ada", email: "ada@example.com", email_verified: false });
  });

  test("the journal keeps every row, in its place, as an event that its schema still allows", async () => {
    await using identity = await testIdentity();
    const { user, token } = await identity.person("ada");
    const grace = await identity.person("grace");
    await identity.call("PATCH", "/auth/me", { token, body: { full_name: "Ada Lovelace" } });
    const read = () => rowsOf<Record<string, string>>(identity.db, sql`select * from journal order by seq`);
    const before = await read();
    await erase(identity, token);
    const after = await read();
    expect(after.slice(0, before.length).map(({ event_id }) => event_id)).toEqual(
      before.map(({ event_id }) => event_id),
    );
    for (const [index, row] of before.entries()) {
      const now = after[index];
      if (row["aggregate_id"] !== user.id) expect(now).toEqual(row);
      const schema = eventCatalogue.identity[row["type"] as keyof typeof eventCatalogue.identity];
      expect(Value.Check(schema, JSON.parse(now?.["data"] ?? ""))).toBe(true);
    }
    const named = after.filter(
      ({ type, aggregate_id }) => /registered|updated/.test(type ?? "") && aggregate_id === user.id,
    );
    expect(named.map(({ data }) => JSON.parse(data ?? ""))).toMatchObject([
      { user_id: user.id, username: "", full_name: null },
      { user_id: user.id, username: "", full_name: null },
    ]);
    expect(named.every(({ redacted_at }) => redacted_at !== null)).toBe(true);
    expect(grace.user.username).toBe("grace");
  });

  test("403 for a wrong password, 422 without one, 401 without a token: nothing changes", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    expect((await erase(identity, token, "not this one")).body).toMatchObject({
      status: 403,
      error_code: "wrong_password",
    });
    const empty = await identity.call("DELETE", "/users/me", { token, body: {} });
    expect(empty.body).toMatchObject({ status: 422, errors: [{ path: "/password" }] });
    expect((await identity.call("DELETE", "/auth/me", { body: { password } })).status).toBe(401);
    expect((await identity.call("GET", "/auth/me", { token })).status).toBe(200);
    expect(await identity.events("user.erased")).toEqual([]);
  });

  test("409 for the last superuser; with a second one it passes", async () => {
    await using identity = await testIdentity();
    const token = await identity.superuser();
    const before = await everything(identity);
    expect((await erase(identity, token, root.password)).body).toMatchObject({
      status: 409,
      error_code: "last_superuser",
    });
    expect(await everything(identity)).toBe(before);
    const ada = await identity.register("ada");
    await identity.call("PUT", `/auth/users/${ada.id}/superuser`, { token, body: { is_superuser: true } });
    expect((await erase(identity, token, root.password)).status).toBe(204);
  });

  test("of several at once one erases; nobody gets a 500", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const answers = await Promise.all([1, 2, 3, 4].map(() => erase(identity, token)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 204)).toHaveLength(1);
    expect(statuses.filter((status) => status !== 204).every((status) => [401, 403, 404].includes(status))).toBe(true);
    expect(await identity.events("user.erased")).toHaveLength(1);
  });

  test("a login at the same moment leaves no session that lives", async () => {
    await using identity = await testIdentity();
    const { user, token } = await identity.person("ada");
    const logins = Array.from({ length: 8 }, () =>
      identity.call<{ access_token?: string }>("POST", "/auth/login", { body: { username: "ada", password } }),
    );
    const [, ...answers] = await Promise.all([erase(identity, token), ...logins]);
    for (const { status, body } of answers as Awaited<(typeof logins)[number]>[]) {
      if (status !== 200) expect(status).toBe(401);
      else expect((await identity.call("GET", "/auth/me", { token: body.access_token })).status).toBe(401);
    }
    expect(await identity.db.query(sql`select 1 from sessions where user_id = ${user.id}`)).toEqual([]);
  });

  test("of the last two superusers at once one stays", async () => {
    await using identity = await testIdentity();
    const token = await identity.superuser();
    const { user, token: other } = await identity.person("ada");
    await identity.call("PUT", `/auth/users/${user.id}/superuser`, { token, body: { is_superuser: true } });
    const answers = await Promise.all([erase(identity, token, root.password), erase(identity, other)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 409]);
  });
});

test("every table that names a user lets go of them: by a foreign key, or, of these, in the command itself", async () => {
  await using identity = await testIdentity();
  const named = await rowsOf<{ name: string }>(
    identity.db,
    sql`
    select t.name from sqlite_master t join pragma_table_info(t.name) c where t.type = 'table' and c.name = 'user_id'
      and not exists (select 1 from pragma_foreign_key_list(t.name) f
        where f."table" = 'users' and f."from" = 'user_id' and f.on_delete = 'CASCADE')
    order by t.name`,
  );
  expect(named.map(({ name }) => name)).toEqual([
    "idempotency",
    "login_attempts",
    "login_throttles",
    "mails",
    "tickets",
  ]);
});

describe("DELETE /auth/users/{id}", () => {
  test("204: the same, without a password; where the superuser acted from stays", async () => {
    await using identity = await testIdentity();
    const token = await identity.superuser();
    const { user, token: theirs } = await identity.person("ada");
    await identity.call("PUT", `/auth/users/${user.id}/roles`, { token, body: { roles: [] } });
    await identity.call("PUT", `/auth/users/${user.id}/disable`, { token });
    expect((await identity.call("DELETE", `/auth/users/${user.id}`, { token })).status).toBe(204);
    expect((await identity.call("GET", "/auth/me", { token: theirs })).status).toBe(401);
    expect(await everything(identity)).not.toContain("ada@example.com");
    const rows = await identity.db.query(sql`select type, ip_address from journal where aggregate_id = ${user.id}`);
    expect(rows).toEqual([
      { type: "user.registered", ip_address: null },
      { type: "session.started", ip_address: null },
      { type: "user.disabled", ip_address: "192.0.2.1" },
      { type: "user.erased", ip_address: "192.0.2.1" },
    ]);
    expect((await identity.call("DELETE", `/auth/users/${user.id}`, { token })).status).toBe(404);
  });

  test("403 for users, 401 for strangers, 404 for an id that is none, 409 for the last superuser", async () => {
    await using identity = await testIdentity();
    const { user, token } = await identity.person("ada");
    expect((await identity.call("DELETE", `/auth/users/${user.id}`, { token })).body.error_code).toBe("forbidden");
    expect((await identity.call("DELETE", `/auth/users/${user.id}`)).status).toBe(401);
    const admin = await identity.superuser();
    expect((await identity.call("DELETE", "/auth/users/42", { token: admin })).status).toBe(404);
    const { user_id } = await identity.verify(admin);
    expect((await identity.call("DELETE", `/auth/users/${user_id}`, { token: admin })).body.error_code).toBe(
      "last_superuser",
    );
  });
});
