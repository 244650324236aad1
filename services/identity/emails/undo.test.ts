import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { password, type TestIdentity, testIdentity } from "../test/harness.ts";
import { mailedToken, mailsTo } from "../test/mails.ts";
import type { User } from "../users/schema.ts";

const address = "ada@example.com";
const next = "countess@example.com";

type Answered = User & { error_code?: string };
const undo = (identity: TestIdentity, token: string) =>
  identity.call<Answered>("POST", "/auth/email/undo", { body: { token } });
const verify = (identity: TestIdentity, token: string) =>
  identity.call<Answered>("POST", "/auth/email/verify", { body: { token } });
const change = (identity: TestIdentity, token: string, email: string | null) =>
  identity.call<Answered>("PATCH", "/auth/me", { token, body: email === null ? { pending_email: null } : { email } });
const undoToken = (identity: TestIdentity, to = address) => mailedToken(identity.db, to, "email_change_requested");

/** Ada has asked for another address. */
async function asked() {
  const identity = await testIdentity();
  const { user, token } = await identity.person("ada");
  const other = await identity.login("ada");
  await change(identity, token, next);
  const me = (its = token) => identity.call<Answered>("GET", "/auth/me", { token: its });
  const confirm = async (to = next) => verify(identity, await mailedToken(identity.db, to, "email_change"));
  return { identity, user, token, other, me, confirm, [Symbol.asyncDispose]: () => identity[Symbol.asyncDispose]() };
}

describe("a request for another e-mail", () => {
  test("is told to the present address, with a link to the page that undoes it", async () => {
    await using all = await asked();
    const [mail] = (await mailsTo(all.identity.db, address)).slice(-1);
    expect(mail).toMatchObject({ kind: "email_change_requested", user_id: all.user.id, status: "waiting" });
    expect(mail?.text).toContain("https://app.example.com/undo-email#token=");
    expect(mail?.text).not.toContain(next);
  });

  test("for another spelling of the present one is told to nobody", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    await change(identity, token, "ADA@example.com");
    expect((await mailsTo(identity.db, address)).map(({ kind }) => kind)).toEqual(["email_verification"]);
  });
});

describe("POST /auth/email/undo", () => {
  test("200 before it is confirmed: the new address is taken back, and its token is worth nothing", async () => {
    await using all = await asked();
    const { identity } = all;
    const pending = await mailedToken(identity.db, next, "email_change");
    const token = await undoToken(identity);
    const { status, body } = await undo(identity, token);
    expect([status, body]).toMatchObject([200, { email: address, pending_email: null, email_verified: false }]);
    expect((await verify(identity, pending)).body.error_code).toBe("invalid_ticket");
    expect(await identity.events("user.email_change_withdrawn")).toHaveLength(1);
    expect((await all.me()).body).toMatchObject({ email: address, pending_email: null });
    expect((await undo(identity, token)).body).toMatchObject({ status: 422, error_code: "invalid_ticket" });
  });

  test("200 after it was confirmed: the old address is back as it was, and every session has ended", async () => {
    for (const verified of [0, 1]) {
      await using all = await asked();
      const { identity, user } = all;
      await identity.db.write([sql`update tickets set was_verified = ${verified} where purpose = 'email_undo'`]);
      await all.confirm();
      const token = await undoToken(identity);
      const { status, body } = await undo(identity, token);
      expect([status, body]).toMatchObject([200, { email: address, email_verified: verified === 1 }]);
      expect((await all.me()).body.error_code).toBe("session_revoked");
      expect((await identity.events("session.revoked")).at(-1)).toMatchObject({
        aggregate_id: user.id,
        actor_id: null,
      });
      expect((await undo(identity, token)).body.error_code).toBe("invalid_ticket");
      expect(await identity.login(address)).toBeDefined();
      expect((await identity.call("POST", "/auth/login", { body: { username: next, password } })).status).toBe(401);
    }
  });

  test("it works for 72 hours, and once", async () => {
    await using all = await asked();
    const { identity } = all;
    await all.confirm();
    const token = await undoToken(identity);
    identity.clock.ahead = 72 * 3_600_000 + 1_000;
    expect((await undo(identity, token)).body.error_code).toBe("invalid_ticket");
    identity.clock.ahead = 72 * 3_600_000 - 10_000;
    const answers = await Promise.all(Array.from({ length: 5 }, () => undo(identity, token)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 422, 422, 422, 422]);
  });

  test("the first address comes back, however often it was replaced since", async () => {
    await using all = await asked();
    const { identity, token } = all;
    const first = await undoToken(identity);
    await all.confirm();
    await change(identity, token, "third@example.com");
    await all.confirm("third@example.com");
    // Whoever reads the second mailbox undoes the second change, and the first mailbox has the last word.
    expect((await undo(identity, await undoToken(identity, next))).body.email).toBe(next);
    expect((await undo(identity, first)).body.email).toBe(address);
    expect((await identity.db.query(sql`select 1 from tickets where purpose = 'email_undo'`)).length).toBe(0);
  });

  test("a new password takes nothing from it, a withdrawal does", async () => {
    await using all = await asked();
    const { identity, token } = all;
    const first = await undoToken(identity);
    await all.confirm();
    const body = { current_password: password, new_password: "nine swans under the bridge" };
    expect((await identity.call("PUT", "/auth/me/password", { token, body })).status).toBe(204);
    await change(identity, token, "third@example.com");
    const second = await undoToken(identity, next);
    await change(identity, token, null);
    expect((await undo(identity, second)).body.error_code).toBe("invalid_ticket");
    expect((await undo(identity, first)).body.email).toBe(address);
  });

  test("422 invalid_ticket of a disabled user, for a token of another purpose, and once a superuser has decided", async () => {
    await using all = await asked();
    const { identity, user } = all;
    const token = await undoToken(identity);
    expect((await undo(identity, await mailedToken(identity.db, next, "email_change"))).body.error_code).toBe(
      "invalid_ticket",
    );
    expect((await verify(identity, token)).body.error_code).toBe("invalid_ticket");
    await identity.db.write([sql`update users set is_active = 0 where id = ${user.id}`]);
    expect((await undo(identity, token)).body.error_code).toBe("invalid_ticket");
    await identity.db.write([sql`update users set is_active = 1 where id = ${user.id}`]);
    const root = await identity.superuser();
    await identity.call("PATCH", `/auth/users/${user.id}`, { token: root, body: { email: "decided@example.com" } });
    expect((await undo(identity, token)).body.error_code).toBe("invalid_ticket");
  });
});

describe("an address that may come back", () => {
  test("is nobody else's meanwhile: neither by registration, nor by a change, nor by its confirmation", async () => {
    await using all = await asked();
    const { identity } = all;
    const grace = await identity.person("grace");
    await identity.db.write([
      sql`update users set email = 'x@example.com', email_key = 'x@example.com'
      where id = ${all.user.id}`,
    ]);
    // Grace asked for it before it was held.
    await identity.db.write([sql`update tickets set used_at = created_at where purpose = 'email_undo'`]);
    await change(identity, grace.token, address);
    const waiting = await mailedToken(identity.db, address, "email_change");
    await identity.db.write([
      sql`update tickets set used_at = null where purpose = 'email_undo'`,
      sql`update users set email = ${address}, email_key = ${address} where id = ${all.user.id}`,
    ]);
    await all.confirm();
    expect((await verify(identity, waiting)).body).toMatchObject({ status: 409, error_code: "email_taken" });
    const body = { email: "Ada@Example.com", password };
    const register = () => identity.call("POST", "/auth/register", { body });
    expect((await register()).body.error_code).toBe("email_taken");
    expect((await change(identity, grace.token, "ada@EXAMPLE.com")).body.error_code).toBe("email_taken");
    expect((await change(identity, all.token, address)).status).toBe(200);
    identity.clock.ahead = 72 * 3_600_000 + 1_000;
    expect((await register()).status).toBe(201);
  });

  test("is that person's all the same whom the corporate directory knows by it", async () => {
    const person = { guid: "g-1", ace_user_id: 7, username: "ada", verified_email: address };
    const directory = { origin: "https://directory.example", authenticate: async () => person };
    await using identity = await testIdentity({ directory });
    const { token } = await identity.person("ada");
    await change(identity, token, next);
    await verify(identity, await mailedToken(identity.db, next, "email_change"));
    const body = { account_id: "acme", username: "ada", password: "x" };
    expect((await identity.call("POST", "/auth/login/external", { body })).status).toBe(200);
    expect((await undo(identity, await undoToken(identity))).body.error_code).toBe("email_taken");
  });

  test("409 email_taken if somebody has got it all the same", async () => {
    await using all = await asked();
    const { identity } = all;
    await all.confirm();
    const { id } = await identity.register("grace");
    await identity.db.write([sql`update users set email = ${address}, email_key = ${address} where id = ${id}`]);
    expect((await undo(identity, await undoToken(identity))).body).toMatchObject({
      status: 409,
      error_code: "email_taken",
    });
  });
});

describe("sessions end with the address that they began with", () => {
  test("all but the one that asked, when a user changes their own; each new mail of it leaves that so", async () => {
    await using all = await asked();
    const { identity, other } = all;
    await identity.call("POST", "/auth/email/verification", { token: other.access_token });
    await all.confirm();
    expect([(await all.me()).status, (await all.me(other.access_token)).body.error_code]).toEqual([
      200,
      "session_revoked",
    ]);
    const { body } = await identity.call("POST", "/auth/refresh", { body: { refresh_token: other.refresh_token } });
    expect(body.error_code).toBe("session_revoked");
    const ended = await identity.call<{ items: { id: string; end_reason: string }[] }>(
      "GET",
      "/auth/sessions?ended=true",
      { token: all.token },
    );
    expect(ended.body.items).toMatchObject([{ id: other.session_id, end_reason: "email_changed" }]);
  });

  test("all of them, when a superuser changes it; none when they change something else", async () => {
    await using all = await asked();
    const { identity, user, other } = all;
    const root = await identity.superuser();
    const patch = (body: object) => identity.call("PATCH", `/auth/users/${user.id}`, { token: root, body });
    await patch({ full_name: "Ada" });
    expect((await all.me()).status).toBe(200);
    await patch({ email: "decided@example.com", email_verified: true });
    for (const token of [all.token, other.access_token]) {
      expect((await all.me(token)).body.error_code).toBe("session_revoked");
    }
  });

  test("all but their own session, when superusers change their own address as superusers", async () => {
    await using identity = await testIdentity();
    const [mine, other] = [await identity.superuser(), await identity.superuser()];
    const { user_id } = await identity.verify(mine);
    const body = { email: "boss@example.com" };
    expect((await identity.call("PATCH", `/auth/users/${user_id}`, { token: mine, body })).status).toBe(200);
    expect((await identity.call("GET", "/auth/me", { token: mine })).status).toBe(200);
    expect((await identity.call("GET", "/auth/me", { token: other })).status).toBe(401);
  });
});
