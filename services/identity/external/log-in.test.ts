import { describe, expect, test } from "bun:test";
import { DatabaseError, sql } from "@stoa/db";
import { meanwhile } from "@stoa/testing";
import type { Tokens } from "../sessions/schema.ts";
import { employee, secret, testCorporate } from "../test/corporate.ts";
import { testIdentity } from "../test/harness.ts";
import type { ExternalTokens } from "./schema.ts";

describe("200", () => {
  test("a first login makes a user; the answer says who they are here and there", async () => {
    await using all = await testCorporate(employee("JDoe", { ace_user_id: 4711 }));
    const { identity, logIn, origin } = all;
    const { status, body, headers } = await logIn(" jdoe ");
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toEqual({
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      token_type: "bearer",
      expires_in: 900,
      session_id: expect.any(String),
      guid: "guid-JDoe",
      user_id: expect.any(String),
      ace_user_id: 4711,
      username: "jdoe",
      account_id: "acme",
    } as never);
    expect(await identity.verify(body.access_token)).toMatchObject({
      user_id: body.user_id,
      roles: [],
      is_superuser: false,
    });
    expect(await all.me(body.access_token)).toMatchObject({
      id: body.user_id,
      username: "jdoe",
      email: null,
      email_verified: false,
      roles: [],
      is_superuser: false,
    });
    const [registered] = await identity.events("user.registered").then((rows) => rows.slice(-1));
    expect(registered).toMatchObject({ actor_id: body.user_id });
    expect(JSON.parse(String(registered?.["data"]))).toMatchObject({ username: "jdoe", source: "external" });
    const [started] = (await identity.events("session.started")).slice(-1);
    expect(JSON.parse(String(started?.["data"]))).toMatchObject({ user_id: body.user_id, method: "external" });
    const written = await identity.db.queryAll([sql`select * from journal`, sql`select * from external_identities`]);
    expect(JSON.stringify([written, identity.logged])).not.toContain(secret);
    expect(written[1]).toMatchObject([{ origin, guid: "guid-JDoe" }]);
  });

  test("later logins are the same user, by the guid, whatever their names are by then", async () => {
    await using all = await testCorporate(employee("jdoe"));
    const first = (await all.logIn("jdoe")).body;
    Object.assign(all.employees[0] ?? {}, { username: "jane.roe", email: "jane@example.com", email_verified: true });
    const second = (await all.logIn("jane.roe", { account_id: 7 })).body;
    expect(second).toMatchObject({ user_id: first.user_id, username: "jdoe", account_id: 7 });
    expect(await all.me(second.access_token)).toMatchObject({ username: "jdoe", email: null });
  });

  test("the path of older clients is the same, and the refresh token is one", async () => {
    await using all = await testCorporate(employee("jdoe"));
    const body = { account_id: "acme", username: "jdoe", password: secret };
    const old = await all.identity.call<ExternalTokens>("POST", "/user/login", { body });
    expect(old.status).toBe(200);
    const next = await all.identity.call<Tokens>("POST", "/auth/refresh", {
      body: { refresh_token: old.body.refresh_token },
    });
    expect(next.status).toBe(200);
  });

  test("of many first logins at once, one user is made", async () => {
    await using all = await testCorporate(employee("jdoe", { email: "j@example.com", email_verified: true }));
    const answers = await Promise.all(Array.from({ length: 6 }, () => all.logIn("jdoe")));
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(6).fill(200));
    expect(new Set(answers.map(({ body }) => body.user_id)).size).toBe(1);
    expect(await all.identity.db.query(sql`select 1 from users where username like 'jdoe%'`)).toHaveLength(1);
  });

  test("an address that someone took meanwhile stays theirs: the login goes on without it", async () => {
    await using all = await testCorporate(employee("jdoe", { email: "ada@example.com", email_verified: true }));
    meanwhile(all.identity.db, () => all.identity.register("ada"));
    const { status, body } = await all.logIn("jdoe");
    expect([status, body.username]).toEqual([200, "jdoe"]);
    expect(await all.me(body.access_token)).toMatchObject({ email: null });
  });

  test.each([
    ["taken", "ada", /^ada-\d{4}$/],
    ["an address", "Ada.Byron@corp.example.com", /^ada\.byron$/],
    ["with a domain before it", "CORP\\ada", /^corp-ada$/],
    ["of other letters", "金", /^user-\d{4}$/],
  ])("a name that is %s becomes one of ours", async (_what, name, expected) => {
    await using all = await testCorporate(employee(name));
    await all.identity.register("ada");
    expect((await all.logIn(name)).body.username).toMatch(expected);
  });
});

describe("503", () => {
  test("no user is added while the database is unavailable, and the next try adds them", async () => {
    await using all = await testCorporate(employee("jdoe"));
    meanwhile(all.identity.db, () => Promise.reject(new DatabaseError("unavailable", new Error("locked"))));
    expect(await all.logIn("jdoe")).toMatchObject({ status: 503, body: { error_code: "unavailable" } });
    expect((await all.logIn("jdoe")).status).toBe(200);
    expect(await all.identity.events("user.registered")).toHaveLength(2);
  });

  test("where every name like theirs is taken, they are not let in under another's", async () => {
    await using all = await testCorporate(employee("jdoe"));
    const like = sql`with recursive numbers (n) as (select 1000 union all select n + 1 from numbers where n < 9999)
      select 'jdoe' as name union all select 'jdoe-' || n from numbers`;
    await all.identity.db.write([
      sql`insert into users (id, username, created_at, updated_at)
        select 'id-' || name, name, '2026-11-20T09:00:00.000Z', '2026-11-20T09:00:00.000Z' from (${like})`,
    ]);
    expect(await all.logIn("jdoe")).toMatchObject({ status: 503, body: { error_code: "unavailable" } });
    expect(await all.identity.db.query(sql`select 1 from external_identities`)).toEqual([]);
  });
});

describe("refusals", () => {
  test("401 for a wrong password and for an unknown account, 502 while the directory is away, with nothing written", async () => {
    await using all = await testCorporate(employee("jdoe"));
    const { identity, logIn, down } = all;
    const code = async (more: object) => {
      const { status, body } = await logIn("jdoe", more);
      return [status, body.error_code];
    };
    expect(await code({ password: "wrong" })).toEqual([401, "invalid_credentials"]);
    expect(await code({ account_id: "nobody's" })).toEqual([401, "invalid_account_id"]);
    expect(await code({ account_id: 8 })).toEqual([401, "invalid_account_id"]);
    down.is = true;
    const answer = await logIn("jdoe");
    expect([answer.status, answer.body.error_code]).toEqual([502, "directory_unavailable"]);
    expect(JSON.stringify(answer.body)).not.toContain("Maintenance");
    expect(await identity.db.query(sql`select 1 from external_identities`)).toEqual([]);
    down.is = false;
    expect((await logIn("jdoe")).status).toBe(200);
  });

  test("503 where no directory is configured", async () => {
    await using identity = await testIdentity();
    const body = { account_id: "acme", username: "jdoe", password: secret };
    for (const path of ["/auth/login/external", "/user/login"]) {
      expect(await identity.call("POST", path, { body })).toMatchObject({
        status: 503,
        body: { error_code: "not_configured" },
      });
    }
  });

  test("403 for a disabled user, linked before or about to be, and only after a right password", async () => {
    await using all = await testCorporate(
      employee("jdoe"),
      employee("ada", { email: "ada@example.com", email_verified: true }),
    );
    const { identity, logIn } = all;
    const root = await identity.superuser();
    const { body } = await logIn("jdoe");
    const { user } = await identity.person("ada");
    await all.verify(user.id);
    for (const id of [body.user_id, user.id]) await identity.call("PUT", `/auth/users/${id}/disable`, { token: root });
    for (const name of ["jdoe", "ada"]) {
      expect((await logIn(name, { password: "wrong" })).body.error_code).toBe("invalid_credentials");
      expect(await logIn(name)).toMatchObject({ status: 403, body: { error_code: "account_disabled" } });
    }
    expect(await identity.events("user.external_linked")).toEqual([]);
  });

  test("429 whatever the account is spelt like: no spelling has tries of its own", async () => {
    await using all = await testCorporate(employee("jdoe"));
    const spellings = ["ACME", "Acme", "aCme", "acMe", "acmE", "\uff41cme"];
    const codes: string[] = [];
    for (const account_id of spellings) codes.push((await all.logIn("jdoe", { account_id })).body.error_code);
    expect(codes).toEqual([...Array(5).fill("invalid_account_id"), "login_throttled"]);
    for (const account_id of [8, "8", "08", 8, "8"]) await all.logIn("jdoe", { account_id });
    expect((await all.logIn("jdoe", { account_id: "008" })).body.error_code).toBe("login_throttled");
  });

  test("429 after many failures, also for the right password: nobody guesses corporate passwords here", async () => {
    await using all = await testCorporate(employee("jdoe"));
    const { logIn, asked } = all;
    const codes: string[] = [];
    for (let i = 0; i < 6; i++)
      codes.push((await logIn(i % 2 === 0 ? "jdoe" : "JDOE", { password: "wrong" })).body.error_code);
    expect(codes).toContain("login_throttled");
    const before = asked.length;
    const { status, body, headers } = await logIn("jdoe");
    expect([status, body.error_code]).toEqual([429, "login_throttled"]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect(asked).toHaveLength(before);
  });

  test("401 with an mfa_token for a user with a second factor", async () => {
    await using all = await testCorporate(employee("jdoe"));
    const { body } = await all.logIn("jdoe");
    await all.identity.db.write([sql`update users set mfa_enabled = 1 where id = ${body.user_id}`]);
    expect(await all.logIn("jdoe")).toMatchObject({
      status: 401,
      body: { error_code: "mfa_required", mfa_token: expect.any(String) },
    });
  });

  test.each([
    {},
    { account_id: "acme", username: "jdoe" },
    { account_id: "", username: "jdoe", password: "x" },
    { account_id: 1.5, username: "jdoe", password: "x" },
    { account_id: "acme", username: "j\u0000", password: "x" },
    { account_id: "acme", username: "jdoe", password: "x", role: "admin" },
  ])("422 for %j, and the directory is not asked", async (body) => {
    await using all = await testCorporate(employee("jdoe"));
    expect((await all.identity.call("POST", "/auth/login/external", { body })).status).toBe(422);
    expect(all.asked).toEqual([]);
  });
});
