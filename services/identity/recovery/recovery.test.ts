import { describe, expect, test } from "bun:test";
import { newId, type Sql, sql } from "@stoa/db";
import { roundTrips } from "@stoa/testing";
import { password, type TestIdentity, testIdentity } from "../test/harness.ts";
import { mailedToken, mailsTo } from "../test/mails.ts";
import type { User } from "../users/schema.ts";

const address = "ada@example.com";
const new_password = "nine otters in the reeds";

const forgot = (identity: TestIdentity, email = address) =>
  identity.call("POST", "/auth/password/forgot", { body: { email } });

const reset = (identity: TestIdentity, token: string, secret = new_password) =>
  identity.call("POST", "/auth/password/reset", { body: { token, new_password: secret } });

const mailed = (identity: TestIdentity) => mailedToken(identity.db, address, "password_reset");

describe("POST /auth/password/forgot", () => {
  test("202 without a body: a token is mailed to the address as it is kept, good for an hour", async () => {
    await using identity = await testIdentity();
    const { id } = await identity.register("ada");
    const { status, body } = await forgot(identity, "ADA@Example.com");
    expect([status, body]).toEqual([202, null as never]);
    const mail = (await mailsTo(identity.db, address)).at(-1);
    expect(mail).toMatchObject({ kind: "password_reset", user_id: id, subject: "Choose a new password" });
    expect(mail?.text).toContain(`https://app.example.com/reset-password#token=${await mailed(identity)}`);
    const [event] = await identity.events("user.password_reset_requested");
    expect(event).toMatchObject({ aggregate_id: id, actor_id: null, ip_address: "192.0.2.1" });
    expect(JSON.parse(String(event?.["data"]))).toEqual({ user_id: id });
  });

  test("alike in answer, round trips and statements whether the user exists or not, and each writes a ticket", async () => {
    await using identity = await testIdentity();
    await identity.register("ada");
    await forgot(identity);
    const { write } = identity.db;
    const work = async (email: string) => {
      const sent: string[] = [];
      identity.db.write = <const S extends readonly Sql[]>(statements: S) => {
        sent.push(...statements.map(({ sql: text }) => text));
        return write(statements);
      };
      let answer: unknown;
      const trips = await roundTrips(identity.db, async () => {
        const { status, body, headers } = await forgot(identity, email);
        answer = [status, body, [...headers.keys()].toSorted()];
      });
      identity.db.write = write;
      return { answer, trips, sent };
    };
    const tickets = async () => (await identity.db.query(sql`select 1 from tickets`)).length;
    const before = await tickets();
    const known = await work(address);
    expect(await tickets()).toBe(before + 1);
    const unknown = await work("nobody@example.com");
    expect(await tickets()).toBe(before + 2);
    expect(unknown).toEqual(known);
    expect(known.trips).toBe(2);
    expect(await mailsTo(identity.db, "nobody@example.com")).toEqual([]);
    expect(JSON.stringify(await identity.db.query(sql`select * from tickets`))).not.toContain("nobody@example.com");
  });

  test("mails nothing to a disabled user", async () => {
    await using identity = await testIdentity();
    const ada = await identity.register("ada");
    await identity.db.write([sql`update users set is_active = 0 where id = ${ada.id}`]);
    expect((await forgot(identity)).status).toBe(202);
    expect((await mailsTo(identity.db, address)).map(({ kind }) => kind)).toEqual(["email_verification"]);
  });

  test("mails five times an hour at most, however often it is asked", async () => {
    await using identity = await testIdentity();
    await identity.register("ada");
    const answers = await Promise.all(Array.from({ length: 12 }, () => forgot(identity)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    const kinds = (await mailsTo(identity.db, address)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "password_reset")).toHaveLength(5);
  });

  test("429 past ten a minute from one address, whether the user exists or not", async () => {
    await using identity = await testIdentity({ limits: true });
    const answers = [];
    for (let i = 0; i < 11; i++) answers.push(await forgot(identity, `nobody${i}@example.com`));
    expect(answers.map(({ status }) => status)).toEqual([...Array<number>(10).fill(202), 429]);
    expect(answers.at(-1)?.headers.get("retry-after")).toMatch(/^\d+$/);
  });

  test("422 for a text that is no address", async () => {
    await using identity = await testIdentity();
    expect((await forgot(identity, "ada")).body).toMatchObject({ status: 422, errors: [{ path: "/email" }] });
  });
});

describe("POST /auth/password/reset", () => {
  test("204: the new password works, the old does not, every session ends, and the user is told", async () => {
    await using identity = await testIdentity();
    const { user, token, tokens } = await identity.person("ada");
    const other = await identity.login("ada");
    await forgot(identity);
    expect((await reset(identity, await mailed(identity))).status).toBe(204);
    for (const access of [token, other.access_token]) {
      const { body } = await identity.call("GET", "/auth/me", { token: access });
      expect(body.error_code).toBe("session_revoked");
    }
    expect((await identity.call("POST", "/auth/login", { body: { username: "ada", password } })).status).toBe(401);
    expect(await identity.login("ada", new_password)).toBeDefined();
    const [revoked] = await identity.events("session.revoked");
    expect(JSON.parse(String(revoked?.["data"]))).toEqual({
      user_id: user.id,
      session_ids: [tokens.session_id, other.session_id].toSorted(),
      reason: "password_reset",
    });
    expect(await identity.events("user.password_changed")).toHaveLength(1);
    expect((await mailsTo(identity.db, address)).map(({ kind }) => kind)).toContain("password_changed");
  });

  test("verifies the address, since its mail was read", async () => {
    await using identity = await testIdentity();
    const { id } = await identity.register("ada");
    await forgot(identity);
    await reset(identity, await mailed(identity));
    const { access_token: token } = await identity.login("ada", new_password);
    expect((await identity.call<User>("GET", "/auth/me", { token })).body).toMatchObject({ email_verified: true });
    expect(await identity.events("user.email_verified")).toMatchObject([{ aggregate_id: id }]);
    await forgot(identity);
    await reset(identity, await mailed(identity), "eleven terns on the pier");
    expect(await identity.events("user.email_verified")).toHaveLength(1);
  });

  test("lifts the throttle of the user", async () => {
    await using identity = await testIdentity();
    const { id } = await identity.register("ada");
    for (let i = 0; i < 7; i++) {
      await identity.call("POST", "/auth/login", { body: { username: "ada", password: "not this one" } });
    }
    const throttles = () => identity.db.query(sql`select 1 from login_throttles where user_id = ${id}`);
    expect((await throttles()).length).toBeGreaterThan(0);
    await forgot(identity);
    await reset(identity, await mailed(identity));
    expect(await throttles()).toEqual([]);
  });

  test("a new password, either way, takes back an e-mail that someone asked for before it", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const asked = async (access: string, email: string) => {
      await identity.call("PATCH", "/auth/me", { token: access, body: { email } });
      return mailedToken(identity.db, email, "email_change");
    };
    const confirm = (ticket: string) => identity.call("POST", "/auth/email/verify", { body: { token: ticket } });
    const first = await asked(token, "mallory@example.com");
    await forgot(identity);
    await reset(identity, await mailed(identity));
    expect((await confirm(first)).body.error_code).toBe("invalid_ticket");

    const { access_token: again } = await identity.login("ada", new_password);
    expect((await identity.call<User>("GET", "/auth/me", { token: again })).body.pending_email).toBeNull();
    const second = await asked(again, "mallory@example.org");
    const change = { current_password: new_password, new_password: "eleven terns on the pier" };
    await identity.call("PUT", "/auth/me/password", { token: again, body: change });
    expect((await confirm(second)).body.error_code).toBe("invalid_ticket");
    const { body: user } = await identity.call<User>("GET", "/auth/me", { token: again });
    expect(user).toMatchObject({ email: address, pending_email: null });
  });

  test("of many at once with one token, one is answered 204", async () => {
    await using identity = await testIdentity();
    await identity.register("ada");
    await forgot(identity);
    const token = await mailed(identity);
    const answers = await Promise.all(Array.from({ length: 8 }, () => reset(identity, token)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([204, ...Array<number>(7).fill(422)]);
    expect(await identity.events("user.password_changed")).toHaveLength(1);
  });

  test("422 invalid_ticket for a token that is unknown, used, too old, or for another purpose", async () => {
    await using identity = await testIdentity();
    await identity.register("ada");
    const code = async (token: string) => (await reset(identity, token)).body.error_code;
    expect(await code("x")).toBe("invalid_ticket");
    expect(await code(await mailedToken(identity.db, address, "email_verification"))).toBe("invalid_ticket");
    await forgot(identity);
    const first = await mailed(identity);
    await forgot(identity);
    const second = await mailed(identity);
    expect((await reset(identity, second)).status).toBe(204);
    // Using one uses up all of them.
    expect([await code(second), await code(first)]).toEqual(["invalid_ticket", "invalid_ticket"]);
    await forgot(identity);
    const late = await mailed(identity);
    identity.clock.ahead = 3_600_001;
    expect(await code(late)).toBe("invalid_ticket");
  });

  test("422 invalid_ticket once the password or the address has changed", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    await forgot(identity);
    const before = await mailed(identity);
    const change = { current_password: password, new_password };
    expect((await identity.call("PUT", "/auth/me/password", { token, body: change })).status).toBe(204);
    expect((await mailsTo(identity.db, address)).at(-1)?.kind).toBe("password_changed");
    expect((await reset(identity, before)).body.error_code).toBe("invalid_ticket");

    await forgot(identity);
    const elsewhere = await mailed(identity);
    await identity.call("PATCH", "/auth/me", { token, body: { email: "countess@example.com" } });
    const ticket = await mailedToken(identity.db, "countess@example.com", "email_change");
    await identity.call("POST", "/auth/email/verify", { body: { token: ticket } });
    expect((await reset(identity, elsewhere)).body.error_code).toBe("invalid_ticket");
  });

  test("422 weak_password leaves the token good", async () => {
    await using identity = await testIdentity();
    await identity.register("ada");
    await forgot(identity);
    const token = await mailed(identity);
    expect((await reset(identity, token, "short")).body).toMatchObject({
      error_code: "weak_password",
      errors: [{ path: "/new_password" }],
    });
    expect((await reset(identity, token)).status).toBe(204);
  });

  test("422 for a body without a token; 501 where passwords cannot be hashed", async () => {
    await using identity = await testIdentity();
    const { body } = await identity.call("POST", "/auth/password/reset", { body: { new_password } });
    expect(body).toMatchObject({ error_code: "validation_failed", errors: [{ path: "/token" }] });
    await using edge = await testIdentity({ passwords: null });
    expect((await reset(edge, newId())).status).toBe(501);
  });
});

test("no token and no address is ever logged", async () => {
  await using identity = await testIdentity();
  await identity.register("ada");
  await forgot(identity);
  const token = await mailed(identity);
  await reset(identity, token);
  await reset(identity, token);
  for (const secret of [token, "ada@", new_password]) expect(identity.logged.join("\n")).not.toContain(secret);
});
