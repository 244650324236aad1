import { describe, expect, test } from "bun:test";
import { DatabaseError, newId, sql } from "@stoa/db";
import { type Answer, meanwhile, rowsOf } from "@stoa/testing";
import { password, type TestIdentity, testIdentity } from "../test/harness.ts";
import type { User } from "./schema.ts";

const types = async (identity: TestIdentity, user_id: string) =>
  (await identity.db.query(sql`select type from journal where aggregate_id = ${user_id} order by seq`)).map(
    (row) => row["type"],
  );

describe("POST /auth/users", () => {
  const add = async (identity: TestIdentity, body: object, headers: Record<string, string> = {}) =>
    identity.call<User & { error_code?: string; errors?: { path: string }[] }>("POST", "/auth/users", {
      token: await identity.superuser(),
      body: { email: "ada@example.com", password, ...body },
      headers,
    });

  test("201: a user as registration makes them, with a mail to confirm the address", async () => {
    await using identity = await testIdentity();
    const { status, headers, body } = await add(identity, { name: "Ada" });
    expect([status, headers.get("location")]).toEqual([201, `/api/v1/auth/users/${body.id}`]);
    expect(body).toMatchObject({
      username: "ada",
      full_name: "Ada",
      is_active: true,
      email_verified: false,
      roles: [],
    });
    expect(await types(identity, body.id)).toEqual(["user.registered"]);
    expect(await identity.db.query(sql`select kind from mails`)).toEqual([{ kind: "email_verification" }]);
    expect((await identity.login("ada")).token_type).toBe("bearer");
  });

  test("201: a repeat that comes while the first is on its way gives the same user", async () => {
    await using identity = await testIdentity();
    let first: Answer<User> | undefined;
    const token = await identity.superuser();
    const repeat = () =>
      identity.call<User>("POST", "/auth/users", {
        token,
        body: { email: "ada@example.com", password },
        headers: { "idempotency-key": "k" },
      });
    meanwhile(identity.db, async () => {
      first = await repeat();
    });
    const second = await repeat();
    expect([first?.status, second.status, second.headers.get("idempotent-replayed")]).toEqual([201, 201, "true"]);
    expect(second.body.id).toBe(first?.body.id ?? "");
  });

  test("422: a role deleted meanwhile is named, and nobody is added", async () => {
    await using identity = await testIdentity();
    const token = await identity.superuser();
    await identity.call("POST", "/auth/roles", { token, body: { name: "auditor" } });
    meanwhile(identity.db, () => identity.db.write([sql`delete from roles where name = 'auditor'`]));
    const body = { email: "ada@example.com", password, roles: ["auditor"] };
    const answer = await identity.call("POST", "/auth/users", { token, body });
    expect([answer.status, answer.body.error_code]).toEqual([422, "unknown_role"]);
    expect(await identity.db.query(sql`select 1 from users where email_key = 'ada@example.com'`)).toEqual([]);
  });

  test("503: a database that is away adds nobody, and takes no name and no key", async () => {
    await using identity = await testIdentity();
    const token = await identity.superuser();
    const body = { email: "ada@example.com", password, username: "ada" };
    const sending = { token, body, headers: { "idempotency-key": "k" } };
    meanwhile(identity.db, () => Promise.reject(new DatabaseError("unavailable", new Error("locked"))));
    const away = await identity.call("POST", "/auth/users", sending);
    expect([away.status, away.body.error_code, away.headers.has("retry-after")]).toEqual([503, "unavailable", true]);
    expect((await identity.call("POST", "/auth/users", sending)).status).toBe(201);
  });

  test("201: with roles, superuser, verified or disabled, and each of it in the journal", async () => {
    await using identity = await testIdentity();
    const token = await identity.superuser();
    for (const name of ["auditor", "clerk"]) await identity.call("POST", "/auth/roles", { token, body: { name } });
    const { body } = await add(identity, {
      roles: ["clerk", "auditor", "clerk"],
      is_superuser: true,
      is_active: false,
      email_verified: true,
    });
    expect(body).toMatchObject({
      roles: ["auditor", "clerk"],
      is_superuser: true,
      is_active: false,
      email_verified: true,
      version: 1,
    });
    expect(await types(identity, body.id)).toEqual(["user.registered", "user.disabled", "user.email_verified"]);
    const [registered] = await identity.db.query(sql`select * from journal where aggregate_id = ${body.id} limit 1`);
    const { user_id } = await identity.verify(token);
    expect(registered).toMatchObject({ actor_id: user_id });
    expect(JSON.parse(String(registered?.["data"]))).toMatchObject({ source: "admin", roles: ["auditor", "clerk"] });
    expect(await identity.db.query(sql`select 1 from mails`)).toEqual([]);
    const login = await identity.call("POST", "/auth/login", { body: { username: "ada", password } });
    expect(login.body.error_code).toBe("account_disabled");
  });

  test("the same again with its key is the same user", async () => {
    await using identity = await testIdentity();
    const headers = { "idempotency-key": "one" };
    const first = await add(identity, {}, headers);
    const again = await add(identity, {}, headers);
    expect([again.status, again.body.id, again.headers.get("idempotent-replayed")]).toEqual([
      201,
      first.body.id,
      "true",
    ]);
  });

  test("409 and 422 name what is wrong, and nobody is added", async () => {
    await using identity = await testIdentity();
    await identity.register("grace");
    const refused = async (body: object) => {
      const { status, body: problem } = await add(identity, body);
      return [status, problem.error_code, problem.errors?.[0]?.path];
    };
    expect(await refused({ email: "Grace@example.com" })).toEqual([409, "email_taken", undefined]);
    expect(await refused({ username: "GRACE" })).toEqual([409, "username_taken", undefined]);
    expect(await refused({ password: "short" })).toEqual([422, "weak_password", "/password"]);
    expect(await refused({ roles: ["nothing"] })).toEqual([422, "unknown_role", "/roles/0"]);
    expect(await refused({ is_active: "yes" })).toEqual([422, "validation_failed", "/is_active"]);
    expect(await refused({ mfa_enabled: true })).toEqual([422, "validation_failed", "/mfa_enabled"]);
    expect(await identity.db.query(sql`select 1 from users`)).toHaveLength(2);
  });
});

describe("PATCH /auth/users/{id}", () => {
  const patch = async (identity: TestIdentity, id: string, body: object, headers: Record<string, string> = {}) =>
    identity.call<User & { error_code?: string; errors?: { path: string }[] }>("PATCH", `/auth/users/${id}`, {
      token: await identity.superuser(),
      body,
      headers,
    });

  test("a new e-mail is theirs at once and asks to be confirmed; the old address is told and its tickets are void", async () => {
    await using identity = await testIdentity();
    const ada = await identity.register("ada");
    const { body } = await patch(identity, ada.id, { email: "Lovelace@example.org", full_name: "Ada" });
    expect(body).toMatchObject({ email: "Lovelace@example.org", email_verified: false, full_name: "Ada", version: 2 });
    const mails = await identity.db.query(sql`select kind, recipient from mails order by rowid`);
    expect(mails.slice(1)).toEqual([
      { kind: "email_changed", recipient: "ada@example.com" },
      { kind: "email_verification", recipient: "Lovelace@example.org" },
    ]);
    expect(await identity.db.query(sql`select email from tickets`)).toEqual([{ email: "Lovelace@example.org" }]);
    expect(await types(identity, ada.id)).toEqual(["user.registered", "user.updated", "user.email_changed"]);
    const login = (username: string) => identity.call("POST", "/auth/login", { body: { username, password } });
    expect((await login("lovelace@example.org")).status).toBe(200);
    expect((await login("ada@example.com")).status).toBe(401);
  });

  test("verified with it, it is not asked", async () => {
    await using identity = await testIdentity();
    const ada = await identity.register("ada");
    const { body } = await patch(identity, ada.id, { email: "ada@example.org", email_verified: true });
    expect(body).toMatchObject({ email: "ada@example.org", email_verified: true });
    expect(await types(identity, ada.id)).toContain("user.email_verified");
    const asked = await identity.db.query(sql`select 1 from mails where recipient = 'ada@example.org'`);
    expect(asked).toEqual([]);
    expect((await patch(identity, ada.id, { email_verified: false })).body.email_verified).toBe(false);
    const last = (await identity.events("user.updated")).at(-1);
    expect(JSON.parse(String(last?.["data"])).changed).toEqual(["email_verified"]);
  });

  test("what changes nothing writes nothing; a fetched user can be sent back", async () => {
    await using identity = await testIdentity();
    const ada = await identity.register("ada");
    const { body: fetched } = await identity.call<User>("GET", `/auth/users/${ada.id}`, {
      token: await identity.superuser(),
    });
    const { status, body } = await patch(identity, ada.id, fetched);
    expect([status, body.version]).toEqual([200, 1]);
    expect(await identity.events("user.updated")).toEqual([]);
  });

  test("409, 412 and 422 change nothing", async () => {
    await using identity = await testIdentity();
    const ada = await identity.register("ada");
    await identity.register("grace");
    const refused = async (body: object, headers = {}) => {
      const { status, body: problem } = await patch(identity, ada.id, body, headers);
      return [status, problem.error_code, problem.errors?.[0]?.path];
    };
    expect(await refused({ email: "GRACE@example.com" })).toEqual([409, "email_taken", undefined]);
    expect(await refused({ username: "grace" })).toEqual([409, "username_taken", undefined]);
    expect(await refused({ bio: "x" }, { "if-match": '"7"' })).toEqual([412, "version_conflict", undefined]);
    expect(await refused({ email: null })).toEqual([422, "validation_failed", "/email"]);
    expect(await refused({ is_superuser: true })).toEqual([422, "validation_failed", "/is_superuser"]);
    expect(await refused({ roles: ["x"] })).toEqual([422, "validation_failed", "/roles"]);
    expect(await identity.events("user.updated")).toEqual([]);
  });

  test("422: no e-mail is not verified", async () => {
    await using identity = await testIdentity();
    const ada = await identity.register("ada");
    await identity.db.write([sql`update users set email = null, email_key = null where id = ${ada.id}`]);
    expect((await patch(identity, ada.id, { email_verified: true })).body.errors?.[0]?.path).toBe("/email_verified");
  });
});

describe("POST /auth/users/bulk", () => {
  interface Answer {
    readonly items: User[];
    readonly error_code?: string;
    readonly errors?: { path: string }[];
  }
  const bulk = async (identity: TestIdentity, body: object, token?: string) =>
    identity.call<Answer>("POST", "/auth/users/bulk", { token: token ?? (await identity.superuser()), body });

  test("disables all of them at once, each with an event of their own, and their tokens are refused", async () => {
    await using identity = await testIdentity();
    const people = [await identity.person("ada"), await identity.person("grace"), await identity.person("hedy")];
    const ids = people.map(({ user }) => user.id).reverse();
    const { status, body } = await bulk(identity, { ids, action: "disable" });
    expect([status, body.items.map(({ id, is_active }) => [id, is_active])]).toEqual([
      200,
      ids.map((id) => [id, false]),
    ]);
    for (const { token } of people) {
      expect((await identity.call("GET", "/auth/me", { token })).body.error_code).toBe("session_revoked");
    }
    expect(await identity.events("user.disabled")).toHaveLength(3);
    expect((await bulk(identity, { ids, action: "disable" })).body.items.map(({ version }) => version)).toEqual([
      2, 2, 2,
    ]);
    expect(await identity.events("user.disabled")).toHaveLength(3);

    await bulk(identity, { ids: ids.slice(1), action: "enable" });
    expect(await identity.events("user.enabled")).toHaveLength(2);
    expect((await identity.login("ada")).token_type).toBe("bearer");
  });

  test("logs out those who are logged in, and says so of them alone", async () => {
    await using identity = await testIdentity();
    const ada = await identity.person("ada");
    const grace = await identity.register("grace");
    const ids = [grace.id, ada.user.id];
    expect((await bulk(identity, { ids, action: "logout" })).body.items.map(({ is_active }) => is_active)).toEqual([
      true,
      true,
    ]);
    expect((await identity.call("GET", "/auth/me", { token: ada.token })).body.error_code).toBe("session_revoked");
    const events = await identity.events("session.revoked");
    expect(events.map(({ aggregate_id }) => aggregate_id)).toEqual([ada.user.id]);
    expect((await bulk(identity, { ids: [grace.id], action: "logout" })).status).toBe(200);
  });

  test("200 users go into one batch", async () => {
    await using identity = await testIdentity();
    await identity.db.write([
      sql`with recursive n (i) as (select 1 union all select i + 1 from n where i < 200)
        insert into users (id, username, created_at, updated_at)
        select printf('00000000-0000-7000-8000-%012d', i), 'u' || i, '2026', '2026' from n`,
      sql`insert into sessions (id, user_id, auth_time, method, created_at, last_seen_at, expires_at)
        select 's-' || username, id, 0, 'password', '2026', '2026', '9999' from users where username like 'u%'`,
    ]);
    const rows = await rowsOf<{ id: string }>(identity.db, sql`select id from users where username like 'u%'`);
    const ids = rows.map(({ id }) => id);
    expect((await bulk(identity, { ids, action: "disable" })).body.items).toHaveLength(200);
    expect(await identity.events("user.disabled")).toHaveLength(200);
    const live = await identity.db.query(
      sql`select 1 from sessions where ended_at is null and user_id in (select id from users where is_active = 0)`,
    );
    expect(live).toEqual([]);
  });

  test("404 names the one who does not exist, and nothing changes", async () => {
    await using identity = await testIdentity();
    const ada = await identity.register("ada");
    const { status, body } = await bulk(identity, { ids: [ada.id, newId()], action: "disable" });
    expect([status, body.error_code, body.errors?.[0]?.path]).toEqual([404, "not_found", "/ids/1"]);
    expect(await identity.events("user.disabled")).toEqual([]);
  });

  test("409: the last active superuser stays, and so do all the others", async () => {
    await using identity = await testIdentity();
    const ada = await identity.register("ada");
    const token = await identity.superuser();
    const { user_id } = await identity.verify(token);
    const { status, body } = await bulk(identity, { ids: [ada.id, user_id], action: "disable" }, token);
    expect([status, body.error_code]).toEqual([409, "last_superuser"]);
    expect((await identity.call("GET", "/auth/me", { token })).status).toBe(200);
    expect(await identity.events("user.disabled")).toEqual([]);
  });

  test("of two that disable each other's superuser at once, one stays", async () => {
    await using identity = await testIdentity();
    const { user, token: other } = await identity.person("ada");
    const token = await identity.superuser();
    const { user_id } = await identity.verify(token);
    await identity.call("PUT", `/auth/users/${user.id}/superuser`, { token, body: { is_superuser: true } });
    await Promise.all([
      bulk(identity, { ids: [user.id], action: "disable" }, token),
      bulk(identity, { ids: [user_id], action: "disable" }, other),
    ]);
    expect(await identity.db.query(sql`select 1 from users where is_superuser = 1 and is_active = 1`)).toHaveLength(1);
  });

  const id = newId();
  test.each([
    ["no ids", { ids: [], action: "disable" }],
    ["201 ids", { ids: Array.from({ length: 201 }, () => newId()), action: "disable" }],
    ["an id twice", { ids: [id, id], action: "disable" }],
    ["an id that is none", { ids: ["42"], action: "disable" }],
    ["an unknown action", { ids: [id], action: "erase" }],
    ["no action", { ids: [id] }],
  ])("422 for %s", async (_what, body) => {
    await using identity = await testIdentity();
    expect((await bulk(identity, body)).status).toBe(422);
  });
});
