import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { roundTrips } from "@stoa/testing";
import { decodeJwt, decodeProtectedHeader } from "jose";
import type { Passwords } from "../passwords/passwords.ts";
import { password, quickPasswords, root, testIdentity } from "../test/harness.ts";
import type { Tokens } from "./schema.ts";

const post = (body: unknown) => ({ body });

describe("200", () => {
  test("the right password gives tokens, by username or e-mail in any case", async () => {
    await using identity = await testIdentity();
    const user = await identity.register("ada");
    for (const name of [
      { username: "ada" },
      { username: " ADA " },
      { username: "Ada@Example.com" },
      { email: "ada@example.com" },
    ]) {
      const { status, body, headers } = await identity.call<Tokens>("POST", "/auth/login", post({ ...name, password }));
      expect(status).toBe(200);
      expect(body).toMatchObject({ token_type: "bearer", expires_in: 900 });
      expect(headers.get("cache-control")).toBe("no-store");
      expect(await identity.verify(body.access_token)).toMatchObject({ user_id: user.id, session_id: body.session_id });
    }
  });

  test("a form of OAuth 2.0 gives tokens too, whatever a client sends with it", async () => {
    await using identity = await testIdentity();
    await identity.register("ada");
    const send = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
      identity.request("/auth/login", { method: "POST", body: new URLSearchParams(fields), headers });
    const plain = await send({ username: "ada", password });
    expect([plain.status, plain.headers.get("cache-control")]).toEqual([200, "no-store"]);
    const { access_token } = (await plain.json()) as Tokens;
    expect(await identity.verify(access_token)).toMatchObject({ username: "ada" });
    const more = { grant_type: "password", scope: "", client_id: "swagger", client_secret: "x" };
    const basic = { authorization: `Basic ${btoa("swagger:x")}` };
    expect((await send({ username: "Ada@Example.com", password, ...more }, basic)).status).toBe(200);
    expect((await send({ username: "ada", password: "wrong password" }, basic)).status).toBe(401);
    const other = await send({ username: "ada", password, grant_type: "client_credentials" });
    expect(await other.json()).toMatchObject({ error_code: "validation_failed", errors: [{ path: "/grant_type" }] });
  });

  test("an access token says exactly what the contract says", async () => {
    await using identity = await testIdentity();
    const { access_token, session_id } = (await identity.person("ada")).tokens;
    const { kid, ...header } = decodeProtectedHeader(access_token);
    expect(header).toEqual({ alg: "ES256", typ: "at+jwt" });
    expect(kid).toBeString();
    const { sub, jti, iat, exp, auth_time, ...claims } = decodeJwt(access_token);
    expect(claims).toEqual({
      iss: "http://stoa.test",
      aud: "stoa",
      sid: session_id,
      amr: ["pwd"],
      roles: [],
      is_superuser: false,
      username: "ada",
    });
    expect([typeof sub, typeof jti]).toEqual(["string", "string"]);
    expect((exp ?? 0) - (iat ?? 0)).toBeWithin(899, 902);
    expect(auth_time).toBeWithin((iat ?? 0) - 2, (iat ?? 0) + 1);
  });

  test("the session remembers device and address, and the user the time", async () => {
    await using identity = await testIdentity();
    await identity.register("ada");
    const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    const { body } = await identity.call<Tokens>("POST", "/auth/login", {
      body: { username: "ada", password },
      headers: { "user-agent": agent },
    });
    const { body: list } = await identity.call("GET", "/auth/sessions", { token: body.access_token });
    expect(list).toMatchObject({
      items: [
        {
          id: body.session_id,
          device_info: "Firefox on Linux",
          ip_address: "192.0.2.1",
          current: true,
          is_active: true,
        },
      ],
    });
    const { body: me } = await identity.call("GET", "/auth/me", { token: body.access_token });
    expect(me).toMatchObject({ last_login_at: expect.stringMatching(/^\d{4}-.*Z$/), version: 1 });
    expect(await identity.events("session.started")).toMatchObject([
      {
        actor_id: expect.any(String),
        session_id: body.session_id,
        entity_id: body.session_id,
        ip_address: "192.0.2.1",
      },
    ]);
  });

  test("a password is normalized to NFC and not trimmed", async () => {
    await using identity = await testIdentity();
    const body = { email: "ada@example.com", password: " zwölf Kraniche im Schilf " };
    expect((await identity.call("POST", "/auth/register", { body })).status).toBe(201);
    const login = (secret: string) =>
      identity.call("POST", "/auth/login", post({ email: body.email, password: secret }));
    expect((await login(body.password.normalize("NFD"))).status).toBe(200);
    expect((await login(body.password.trim())).status).toBe(401);
  });
});

describe("401", () => {
  test("a wrong password and an unknown user answer alike, after the same work", async () => {
    const work: (string | null)[] = [];
    const quick = quickPasswords();
    const passwords: Passwords = {
      ...quick,
      verify: async (text, hash) => {
        work.push(hash === null ? "nobody's" : "a user's");
        return quick.verify(text, hash);
      },
    };
    await using identity = await testIdentity({ passwords });
    await identity.register("ada");
    const queries: number[] = [];
    const answers: object[] = [];
    for (const username of ["ada", "nobody", "nobody@example.com"]) {
      const trips = await roundTrips(identity.db, async () => {
        const { status, body } = await identity.call("POST", "/auth/login", post({ username, password: "not this" }));
        answers.push({ status, code: body.error_code, detail: body.detail });
      });
      queries.push(trips);
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 401, code: "invalid_credentials" });
    expect(queries).toEqual([2, 2, 2]);
    expect(work).toEqual(["a user's", "nobody's", "nobody's"]);
  });

  test("a user without a password cannot log in with any", async () => {
    await using identity = await testIdentity();
    await identity.register("ada");
    await identity.db.write([sql`update users set password_hash = null where username = ${"ada"}`]);
    const { status } = await identity.call("POST", "/auth/login", post({ username: "ada", password }));
    expect(status).toBe(401);
  });
});

describe("403", () => {
  test("a disabled user is told so only with the right password", async () => {
    await using identity = await testIdentity();
    const { id } = await identity.register("ada");
    const token = await identity.superuser();
    await identity.call("PUT", `/auth/users/${id}/disable`, { token });
    const login = (secret: string) => identity.call("POST", "/auth/login", post({ username: "ada", password: secret }));
    expect(await login(password)).toMatchObject({ status: 403, body: { error_code: "account_disabled" } });
    expect(await login("not this one")).toMatchObject({ status: 401, body: { error_code: "invalid_credentials" } });
  });

  test("a login that races being disabled, or a new password, starts no session", async () => {
    const quick = quickPasswords();
    let meanwhile: (() => Promise<unknown>) | undefined;
    const passwords: Passwords = {
      ...quick,
      verify: async (text, hash) => {
        const right = await quick.verify(text, hash);
        const happens = meanwhile;
        meanwhile = undefined;
        await happens?.();
        return right;
      },
    };
    await using identity = await testIdentity({ passwords });
    const { id } = await identity.register("ada");
    const token = await identity.superuser();
    const attempt = async () => {
      const { status, body } = await identity.call("POST", "/auth/login", post({ username: "ada", password }));
      return [status, body.error_code];
    };
    meanwhile = () => identity.db.write([sql`update users set password_hash = 'another' where id = ${id}`]);
    expect(await attempt()).toEqual([401, "invalid_credentials"]);
    await identity.db.write([sql`update users set password_hash = ${await quick.hash(password)} where id = ${id}`]);
    meanwhile = () => identity.call("PUT", `/auth/users/${id}/disable`, { token });
    expect(await attempt()).toEqual([403, "account_disabled"]);
    expect((await identity.events("session.started")).length).toBe(1);
  });
});

describe("422", () => {
  const bad: Record<string, unknown> = {
    "no name": { password },
    "two names": { username: "ada", email: "ada@example.com", password },
    "no password": { username: "ada" },
    "an empty password": { username: "ada", password: "" },
    "a number as password": { username: "ada", password: 1 },
    "an unknown field": { username: "ada", password, remember: true },
    "a NUL in the password": { username: "ada", password: "seven\0herons" },
    "an endless password": { username: "ada", password: "x".repeat(1_025) },
  };
  test.each(Object.entries(bad))("%s", async (_, body) => {
    await using identity = await testIdentity();
    const answer = await identity.call("POST", "/auth/login", { body });
    expect([answer.status, answer.body.error_code]).toEqual([422, "validation_failed"]);
  });
});

test("429: sixty logins a minute from one address, and thirty registrations", async () => {
  await using identity = await testIdentity({ limits: true });
  const login = () => identity.call("POST", "/auth/login", post({}));
  for (let i = 0; i < 60; i++) expect((await login()).status).toBe(422);
  const { status, headers, body } = await login();
  expect([status, body.error_code, Number(headers.get("retry-after")) > 0]).toEqual([429, "rate_limited", true]);
  const register = () => identity.call("POST", "/auth/register", post({}));
  for (let i = 0; i < 30; i++) expect((await register()).status).toBe(422);
  expect((await register()).status).toBe(429);
});

test("a login costs one read and one write, a refresh one write, a list one read, and a count one", async () => {
  await using identity = await testIdentity();
  const { tokens, token } = await identity.person("ada");
  const trips = (method: string, path: string, sending: object) =>
    roundTrips(identity.db, () => identity.call(method, path, sending));
  expect(await trips("POST", "/auth/login", post({ username: "ada", password }))).toBe(2);
  expect(await trips("POST", "/auth/refresh", post({ refresh_token: tokens.refresh_token }))).toBe(1);
  await identity.call("GET", "/auth/me", { token });
  expect(await trips("GET", "/auth/sessions", { token })).toBe(1);
  expect(await trips("GET", "/auth/sessions?count=true", { token })).toBe(2);
});

test("501 where passwords cannot be hashed", async () => {
  await using identity = await testIdentity({ passwords: null });
  const { status, body } = await identity.call("POST", "/auth/login", post({ username: "ada", password }));
  expect([status, body.error_code]).toEqual([501, "not_implemented"]);
});

test("no password, token or e-mail is ever logged or shown in an error", async () => {
  await using identity = await testIdentity();
  const { tokens } = await identity.person("ada");
  const wrong = "nobody knows this text";
  const { body } = await identity.call("POST", "/auth/login", post({ email: "ada@example.com", password: wrong }));
  const { body: refused } = await identity.call("POST", "/auth/refresh", post({ refresh_token: "x".repeat(70) }));
  await identity.call("GET", "/auth/me", { token: `${tokens.access_token}x` });
  const shown = [...identity.logged, JSON.stringify(body), JSON.stringify(refused)].join("\n");
  expect(identity.logged.length).toBeGreaterThan(3);
  for (const secret of [wrong, password, root.password, tokens.access_token, tokens.refresh_token, "example.com"]) {
    expect(shown).not.toContain(secret);
  }
});
