import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { password, type TestIdentity, testIdentity } from "../test/harness.ts";
import { mailedToken, mailsTo } from "../test/mails.ts";
import type { User } from "../users/schema.ts";

const address = "ada@example.com";
const next = "countess@example.com";

const verify = (identity: TestIdentity, token: string) =>
  identity.call<User & { error_code?: string }>("POST", "/auth/email/verify", { body: { token } });

const change = (identity: TestIdentity, token: string, email: unknown, more: object = {}) =>
  identity.call<User & { error_code?: string; errors?: { path: string }[] }>("PATCH", "/auth/me", {
    token,
    body: { email, ...more },
  });

describe("registration", () => {
  test("mails a token to the address, in the batch of the registration", async () => {
    await using identity = await testIdentity();
    const { id } = await identity.register("ada");
    expect(await mailsTo(identity.db, address)).toMatchObject([
      { kind: "email_verification", user_id: id, status: "waiting", subject: "Confirm your e-mail address" },
    ]);
    await identity.call("POST", "/auth/register", { body: { email: address, password } });
    expect(await mailsTo(identity.db, address)).toHaveLength(1);
  });

  test("keeps only the token's hash, and shows it nowhere else", async () => {
    await using identity = await testIdentity();
    const { id } = await identity.register("ada");
    const token = await mailedToken(identity.db, address, "email_verification");
    expect(token).toHaveLength(43);
    const tickets = await identity.db.query(sql`select * from tickets where user_id = ${id}`);
    expect(tickets).toMatchObject([{ purpose: "email_verification", email: address, used_at: null }]);
    const journal = await identity.db.query(sql`select * from journal`);
    for (const seen of [tickets, journal, identity.logged]) expect(JSON.stringify(seen)).not.toContain(token);
  });

  test("of the first superuser mails nothing", async () => {
    await using identity = await testIdentity();
    expect(await mailsTo(identity.db, "root@example.com")).toEqual([]);
  });
});

describe("POST /auth/email/verify", () => {
  test("200 with the user, verified, once", async () => {
    await using identity = await testIdentity();
    const { id } = await identity.register("ada");
    const token = await mailedToken(identity.db, address, "email_verification");
    const { status, body } = await verify(identity, token);
    expect([status, body]).toMatchObject([200, { id, email: address, email_verified: true, version: 2 }]);
    expect((await identity.events("user.email_verified")).map(({ data }) => JSON.parse(String(data)))).toEqual([
      { user_id: id, email: address },
    ]);
    expect((await verify(identity, token)).body).toMatchObject({ status: 422, error_code: "invalid_ticket" });
  });

  test("of many at once with one token, one is answered 200", async () => {
    await using identity = await testIdentity();
    await identity.register("ada");
    const token = await mailedToken(identity.db, address, "email_verification");
    const answers = await Promise.all(Array.from({ length: 10 }, () => verify(identity, token)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array<number>(9).fill(422)]);
    expect(await identity.events("user.email_verified")).toHaveLength(1);
  });

  test("422 invalid_ticket for a token that is unknown, too old, for another purpose, or of a disabled user", async () => {
    await using identity = await testIdentity();
    const { id } = await identity.register("ada");
    const token = await mailedToken(identity.db, address, "email_verification");
    const code = async (its: string) => (await verify(identity, its)).body.error_code;
    expect(await code("x")).toBe("invalid_ticket");
    expect(await code(`${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`)).toBe("invalid_ticket");
    await identity.call("POST", "/auth/password/forgot", { body: { email: address } });
    expect(await code(await mailedToken(identity.db, address, "password_reset"))).toBe("invalid_ticket");
    await identity.db.write([sql`update users set is_active = 0 where id = ${id}`]);
    expect(await code(token)).toBe("invalid_ticket");
    await identity.db.write([sql`update users set is_active = 1 where id = ${id}`]);
    identity.clock.ahead = 86_400_001;
    expect(await code(token)).toBe("invalid_ticket");
    expect((await identity.call("POST", "/auth/email/verify", { body: {} })).body.error_code).toBe("validation_failed");
  });
});

describe("POST /auth/email/verification", () => {
  test("202 without a body: another mail; each token works, and using one ends the others", async () => {
    await using identity = await testIdentity();
    const { user, token } = await identity.person("ada");
    const first = await mailedToken(identity.db, address, "email_verification");
    const { status, body } = await identity.call("POST", "/auth/email/verification", { token });
    expect([status, body]).toEqual([202, null as never]);
    const second = await mailedToken(identity.db, address, "email_verification");
    expect(second).not.toBe(first);
    expect(await identity.events("user.email_verification_requested")).toMatchObject([{ actor_id: user.id }]);
    expect((await verify(identity, second)).status).toBe(200);
    expect((await verify(identity, first)).status).toBe(422);
  });

  test("mails five times an hour at most, registration included", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const ask = () => identity.call("POST", "/auth/email/verification", { token });
    const answers = await Promise.all(Array.from({ length: 12 }, ask));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(await mailsTo(identity.db, address)).toHaveLength(5);
    identity.clock.ahead = 3_600_001;
    const fresh = (await identity.login("ada")).access_token;
    await identity.call("POST", "/auth/email/verification", { token: fresh });
    expect(await mailsTo(identity.db, address)).toHaveLength(6);
  });

  test("mails nothing when nothing waits to be confirmed", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    await verify(identity, await mailedToken(identity.db, address, "email_verification"));
    expect((await identity.call("POST", "/auth/email/verification", { token })).status).toBe(202);
    expect(await mailsTo(identity.db, address)).toHaveLength(1);
  });

  test("401 without a token, 429 past ten a minute", async () => {
    await using identity = await testIdentity({ limits: true });
    expect((await identity.call("POST", "/auth/email/verification")).status).toBe(401);
    const { token } = await identity.person("ada");
    const ask = () => identity.call("POST", "/auth/email/verification", { token });
    const statuses = (await Promise.all(Array.from({ length: 11 }, ask))).map(({ status }) => status);
    expect(statuses).toContain(429);
    expect(statuses).toContain(202);
  });
});

describe("PATCH /auth/me with another e-mail", () => {
  test("it waits and is mailed a token; once confirmed it replaces the old one, which is told", async () => {
    await using identity = await testIdentity();
    const { user, token } = await identity.person("ada");
    const { status, body } = await change(identity, token, next);
    expect([status, body]).toMatchObject([200, { email: address, pending_email: next, email_verified: false }]);
    expect(await identity.events("user.email_change_requested")).toMatchObject([{ actor_id: user.id }]);
    expect(await identity.events("user.updated")).toEqual([]);

    const confirmed = await verify(identity, await mailedToken(identity.db, next, "email_change"));
    expect(confirmed).toMatchObject({ status: 200, body: { email: next, pending_email: null, email_verified: true } });
    expect(await identity.events("user.email_changed")).toHaveLength(1);
    const told = (await mailsTo(identity.db, address)).at(-1);
    expect(told).toMatchObject({ kind: "email_changed", subject: "Your e-mail address was changed" });
    expect(told?.text).not.toContain(next);
    expect(await identity.login(next)).toBeDefined();
    expect((await identity.call("POST", "/auth/login", { body: { email: address, password } })).status).toBe(401);
    expect(await identity.register("ada2").then(() => change(identity, token, "ada2@example.com"))).toMatchObject({
      body: { error_code: "email_taken" },
    });
  });

  test("together with a name, all of it in one command", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const { body } = await change(identity, token, next, { full_name: "Ada" });
    expect(body).toMatchObject({ full_name: "Ada", pending_email: next, version: 2 });
    expect(await identity.events("user.updated")).toHaveLength(1);
    expect(await identity.events("user.email_change_requested")).toHaveLength(1);
  });

  test("the same again, or what was fetched, changes nothing and mails nothing", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const { body: pending } = await change(identity, token, next);
    expect((await change(identity, token, next)).body.version).toBe(pending.version);
    expect(await identity.call<User>("PATCH", "/auth/me", { token, body: pending })).toMatchObject({ body: pending });
    expect(await mailsTo(identity.db, next)).toHaveLength(1);
    await identity.call("POST", "/auth/email/verification", { token });
    expect((await mailsTo(identity.db, next)).map(({ kind }) => kind)).toEqual(["email_change", "email_change"]);
  });

  test("a third address makes the second one's token invalid", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    await change(identity, token, next);
    const old = await mailedToken(identity.db, next, "email_change");
    await change(identity, token, "third@example.com");
    expect((await verify(identity, old)).body.error_code).toBe("invalid_ticket");
    expect((await verify(identity, await mailedToken(identity.db, "third@example.com", "email_change"))).status).toBe(
      200,
    );
  });

  test("a token for the former address is invalid, too", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const first = await mailedToken(identity.db, address, "email_verification");
    await change(identity, token, next);
    await verify(identity, await mailedToken(identity.db, next, "email_change"));
    expect((await verify(identity, first)).body.error_code).toBe("invalid_ticket");
  });

  test("409 email_taken, at once and also when someone registers with it before it is confirmed", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    await identity.register("grace");
    expect(await change(identity, token, "GRACE@example.com")).toMatchObject({
      status: 409,
      body: { error_code: "email_taken" },
    });
    await change(identity, token, next);
    const ticket = await mailedToken(identity.db, next, "email_change");
    await identity.call("POST", "/auth/register", { body: { email: next.toUpperCase(), password } });
    expect(await verify(identity, ticket)).toMatchObject({ status: 409, body: { error_code: "email_taken" } });
    expect((await identity.call<User>("GET", "/auth/me", { token })).body.email).toBe(address);
  });

  test("429 past five new addresses an hour: nobody can mail strangers through Stoa", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const statuses = [];
    for (let i = 0; i < 6; i++) statuses.push((await change(identity, token, `stranger${i}@example.com`)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    const refused = await change(identity, token, "another@example.com");
    expect([refused.body.error_code, refused.headers.get("retry-after")]).toEqual(["rate_limited", "3600"]);
    expect(await mailsTo(identity.db, "another@example.com")).toEqual([]);
    expect((await change(identity, token, undefined, { bio: "Engines" })).status).toBe(200);
    const crowd = await identity.person("grace");
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => change(identity, crowd.token, `crowd${i}@example.com`)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
  });

  test("of two users who wait for one address, the first to confirm gets it", async () => {
    await using identity = await testIdentity();
    const people = [await identity.person("ada"), await identity.person("grace")];
    const tokens: string[] = [];
    for (const { token } of people) {
      await change(identity, token, next);
      tokens.push(await mailedToken(identity.db, next, "email_change"));
    }
    const answers = await Promise.all(tokens.map((token) => verify(identity, token)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  });

  test("another case of the present one is taken over once confirmed", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    await change(identity, token, "Ada@Example.com");
    const ticket = await mailedToken(identity.db, "Ada@Example.com", "email_change");
    expect((await verify(identity, ticket)).body).toMatchObject({ email: "Ada@Example.com", email_verified: true });
  });

  test("403 step_up_required when the last proof is older than ten minutes; it passes after a new proof", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    identity.clock.ahead = 11 * 60_000;
    expect(await change(identity, token, next)).toMatchObject({
      status: 403,
      body: { error_code: "step_up_required" },
    });
    // A patch that changes nothing needs no proof, nor does any other field.
    expect((await change(identity, token, address, { bio: "Engines" })).status).toBe(200);
    const fresh = await identity.call<{ access_token: string }>("POST", "/auth/reauthenticate", {
      token,
      body: { password },
    });
    expect((await change(identity, fresh.body.access_token, next)).status).toBe(200);
  });

  test.each([null, "", "ada", "a b@example.com"])("422 for %p, named", async (email) => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const { status, body } = await change(identity, token, email);
    expect([status, body.error_code, body.errors?.[0]?.path]).toEqual([422, "validation_failed", "/email"]);
  });
});
