import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { meanwhile } from "@stoa/testing";
import type { Passwords } from "../passwords/passwords.ts";
import type { Tokens } from "../sessions/schema.ts";
import { password, quickPasswords, type TestIdentity, testIdentity } from "../test/harness.ts";
import { mailedToken } from "../test/mails.ts";
import { codeOf, enrolled, mfaToken } from "../test/mfa.ts";
import type { User } from "../users/schema.ts";
import type { Enrolment, NewRecoveryCodes } from "./schema.ts";

interface Refused {
  readonly error_code: string;
  readonly detail: string;
}

/** Ada, and a thief who knows her password and has logged in with it; she has begun to enrol an app. */
async function robbed(identity: TestIdentity) {
  const ada = await identity.person("ada");
  const thief = await identity.login("ada");
  const { body } = await identity.call<Enrolment>("POST", "/auth/mfa/totp", { token: ada.token });
  const confirm = () =>
    identity.call<NewRecoveryCodes & Refused>("POST", "/auth/mfa/totp/confirm", {
      token: ada.token,
      body: { code: codeOf(identity, body.secret) },
    });
  return { ada, thief, confirm };
}

const refresh = (identity: TestIdentity, { refresh_token }: Tokens) =>
  identity.call<Tokens & Refused>("POST", "/auth/refresh", { body: { refresh_token } });

const prove = (identity: TestIdentity, token: string, body: object) =>
  identity.call<Tokens & Refused>("POST", "/auth/reauthenticate", { token, body });

/** All that a token of the password alone must not do to somebody who has a second factor. */
const protectedRequests = [
  ["POST", "/auth/reauthenticate", { password }],
  ["POST", "/auth/reauthenticate", { password: "not the password" }],
  ["DELETE", "/auth/mfa/totp", undefined],
  ["POST", "/auth/mfa/recovery-codes", undefined],
  ["PATCH", "/auth/me", { email: "thief@example.com" }],
  ["PUT", "/auth/me/password", { current_password: password, new_password: "nine swans under the bridge" }],
  ["DELETE", "/auth/me", { password }],
] as const;
/** Those that say nothing of a proof themselves. */
const beyondPassword = protectedRequests.slice(2);

/** Takes back that a session has proven the factor: it is one of the password alone, proven just now. */
const passwordAlone = ({ session_id }: Tokens) =>
  sql`update sessions set second_factor = null where id = ${session_id}`;

describe("turning on a second factor", () => {
  test("ends every session of the password alone, with their tokens, and goes on with the one that does it", async () => {
    await using identity = await testIdentity();
    const { ada, thief, confirm } = await robbed(identity);
    expect((await confirm()).status).toBe(200);
    const me = (token: string) => identity.call<Refused>("GET", "/auth/me", { token });
    expect((await me(thief.access_token)).body.error_code).toBe("session_revoked");
    expect((await me(ada.token)).status).toBe(200);
    expect((await refresh(identity, thief)).body.error_code).toBe("session_revoked");
    expect((await refresh(identity, ada.tokens)).status).toBe(200);
    const [event, ...others] = await identity.events("session.revoked");
    expect(others).toEqual([]);
    expect(JSON.parse(String(event?.["data"]))).toEqual({
      user_id: ada.user.id,
      session_ids: [thief.session_id],
      reason: "mfa_enabled",
    });
    const ended = await identity.call("GET", "/auth/sessions?ended=true", { token: ada.token });
    expect(ended.body).toMatchObject({ items: [{ id: thief.session_id, end_reason: "mfa_enabled" }] });
  });

  test("leaves no event for sessions when there is no other", async () => {
    await using identity = await testIdentity();
    await enrolled(identity, "ada");
    expect(await identity.events("session.revoked")).toEqual([]);
  });

  test("takes back the e-mail that a thief has asked for, in the user and in the mailbox", async () => {
    await using identity = await testIdentity();
    const { ada, thief, confirm } = await robbed(identity);
    const body = { email: "thief@example.com" };
    expect((await identity.call("PATCH", "/auth/me", { token: thief.access_token, body })).status).toBe(200);
    const token = await mailedToken(identity.db, body.email, "email_change");
    await confirm();
    const me = await identity.call<User>("GET", "/auth/me", { token: ada.token });
    expect(me.body).toMatchObject({ email: "ada@example.com", pending_email: null });
    expect((await identity.call("POST", "/auth/email/verify", { body: { token } })).body.error_code).toBe(
      "invalid_ticket",
    );
  });

  test("ends more sessions than fit into one event", async () => {
    await using identity = await testIdentity();
    const { ada, confirm } = await robbed(identity);
    await identity.db.write([
      sql`with recursive n (i) as (select 1 union all select i + 1 from n where i < 1200)
        insert into sessions (id, user_id, auth_time, method, created_at, last_seen_at, expires_at)
        select 'many-' || i, ${ada.user.id}, 0, 'password', '2026', '2026', '9999' from n`,
    ]);
    await confirm();
    const live = sql`select id from sessions where user_id = ${ada.user.id} and ended_at is null`;
    expect(await identity.db.query(live)).toEqual([{ id: ada.tokens.session_id }]);
    const ids = (await identity.events("session.revoked")).flatMap(({ data }) => JSON.parse(String(data)).session_ids);
    expect(new Set(ids).size).toBe(1_201);
  });

  test("is refused to a session that ends meanwhile: no thief locks the user out with an app of their own", async () => {
    await using identity = await testIdentity();
    const { ada, confirm } = await robbed(identity);
    const other = await identity.login("ada");
    meanwhile(identity.db, () => identity.call("POST", "/auth/logout-all", { token: other.access_token }));
    expect((await confirm()).body.error_code).toBe("session_revoked");
    expect(await identity.events("mfa.enabled")).toEqual([]);
    const [user] = await identity.db.query(sql`select mfa_enabled from users where id = ${ada.user.id}`);
    expect(user).toEqual({ mfa_enabled: 0 });
  });

  test("while somebody logs in by the password alone, asks them for a code", async () => {
    await using identity = await testIdentity();
    const { confirm } = await robbed(identity);
    meanwhile(identity.db, confirm);
    const { status, body } = await identity.call("POST", "/auth/login", { body: { username: "ada", password } });
    expect([status, body.error_code]).toEqual([401, "mfa_required"]);
    expect(await identity.db.query(sql`select count(*) as live from sessions where ended_at is null`)).toEqual([
      { live: 1 },
    ]);
  });
});

describe("whoever has a second factor proves it", () => {
  test.each(beyondPassword)(
    "%s %s takes the token from before it was turned on, whose session has proven it",
    async (method, path, body) => {
      await using identity = await testIdentity();
      const { ada, confirm } = await robbed(identity);
      // The login was proof enough to begin with the app; the confirmation is one of its own.
      identity.clock.ahead += 11 * 60_000;
      expect((await confirm()).status).toBe(200);
      expect((await identity.call(method, path, { token: ada.token, body })).status).toBeWithin(200, 205);
    },
  );

  test.each(beyondPassword)(
    "%s %s is refused ten minutes after that, with the same token",
    async (method, path, body) => {
      await using identity = await testIdentity();
      const { ada, confirm } = await robbed(identity);
      expect((await confirm()).status).toBe(200);
      identity.clock.ahead += 601_000;
      const answer = await identity.call<Refused>(method, path, { token: ada.token, body });
      expect([answer.status, answer.body.error_code]).toEqual([403, "step_up_required"]);
    },
  );

  test.each(beyondPassword)("%s %s is refused to a session that has ended since", async (method, path, body) => {
    await using identity = await testIdentity();
    const { ada, confirm } = await robbed(identity);
    expect((await confirm()).status).toBe(200);
    await identity.db.write([sql`update sessions set ended_at = created_at where id = ${ada.tokens.session_id}`]);
    const answer = await identity.call<Refused>(method, path, { token: ada.token, body });
    expect([answer.status, answer.body.error_code]).toEqual([401, "session_revoked"]);
  });

  test("a session that has proven the password alone does nothing that takes a proof, whatever another has proven", async () => {
    await using identity = await testIdentity();
    const { ada, confirm } = await robbed(identity);
    const { recovery_codes } = (await confirm()).body;
    const [recovery_code] = recovery_codes;
    const another = await identity.call<Tokens>("POST", "/auth/mfa/verify", {
      body: { mfa_token: await mfaToken(identity, "ada"), recovery_code },
    });
    expect(another.status).toBe(200);
    await identity.db.write([passwordAlone(ada.tokens)]);
    for (const [method, path, body] of protectedRequests) {
      const answer = await identity.call<Refused>(method, path, { token: ada.token, body });
      expect([method, path, answer.status, answer.body.error_code]).toEqual([method, path, 403, "step_up_required"]);
      expect(answer.body.detail).toContain("send code or recovery_code to POST /auth/reauthenticate");
    }
    expect(await identity.events("session.reauthenticated")).toEqual([]);
    const proven = await prove(identity, ada.token, { recovery_code: recovery_codes[1] });
    const token = proven.body.access_token;
    const email = { email: "ada@example.org" };
    expect((await identity.call("PATCH", "/auth/me", { token, body: email })).status).toBe(200);
    expect((await identity.call("POST", "/auth/mfa/recovery-codes", { token })).status).toBe(200);
    expect((await identity.call("DELETE", "/auth/mfa/totp", { token })).status).toBe(204);
    // Without a second factor the password is enough again.
    expect((await prove(identity, ada.token, { password })).status).toBe(200);
  });

  test("the password alone is no proof in the session that turned it on either", async () => {
    await using identity = await testIdentity();
    const { ada, confirm } = await robbed(identity);
    await confirm();
    for (const [method, path, body] of protectedRequests.slice(0, 2)) {
      const answer = await identity.call<Refused>(method, path, { token: ada.token, body });
      expect([answer.status, answer.body.error_code]).toEqual([403, "step_up_required"]);
    }
  });

  test("a refused password is not looked at, so it is neither told right from wrong nor counted", async () => {
    let verified = 0;
    const quick = quickPasswords();
    const counting: Passwords = {
      ...quick,
      verify: (text, hash) => {
        verified++;
        return quick.verify(text, hash);
      },
    };
    await using identity = await testIdentity({ passwords: counting });
    const ada = await enrolled(identity, "ada");
    const before = verified;
    for (let tries = 0; tries < 12; tries++) {
      const { status, body } = await prove(identity, ada.token, { password: `guess ${tries}` });
      expect([status, body.error_code]).toEqual([403, "step_up_required"]);
    }
    expect(verified).toBe(before);
    expect((await prove(identity, ada.token, { code: codeOf(identity, ada.secret) })).status).toBe(200);
  });

  test("a password that is checked while the factor is turned on proves nothing", async () => {
    await using identity = await testIdentity();
    const { ada, confirm } = await robbed(identity);
    meanwhile(identity.db, confirm);
    const { status, body } = await prove(identity, ada.token, { password });
    expect([status, body.error_code]).toEqual([403, "step_up_required"]);
    expect(await identity.events("session.reauthenticated")).toEqual([]);
  });

  test.each(beyondPassword)(
    "%s %s is refused when the factor is turned on meanwhile, and not proven here",
    async (method, path, sent) => {
      await using identity = await testIdentity();
      const { ada, confirm } = await robbed(identity);
      meanwhile(identity.db, async () => {
        await confirm();
        await identity.db.write([passwordAlone(ada.tokens)]);
      });
      const { body } = await identity.call<Refused>(method, path, { token: ada.token, body: sent });
      expect(body.error_code).toBe("step_up_required");
      const [user] = await identity.db.query(
        sql`select email, pending_email, mfa_enabled from users where id = ${ada.user.id}`,
      );
      expect(user).toEqual({ email: "ada@example.com", pending_email: null, mfa_enabled: 1 });
    },
  );

  test("a proof of the factor is fresh for ten minutes, as that of a password is", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    identity.clock.ahead += 11 * 60_000;
    const { body } = await identity.call<Refused>("DELETE", "/auth/mfa/totp", { token: ada.token });
    expect(body.error_code).toBe("step_up_required");
  });
});

describe("amr", () => {
  const amr = async (identity: TestIdentity, token: string) => (await identity.verify(token)).amr;

  test("says the password, then the code, and every refresh keeps it", async () => {
    await using identity = await testIdentity();
    const { ada, confirm } = await robbed(identity);
    expect(await amr(identity, ada.token)).toEqual(["pwd"]);
    await confirm();
    const first = (await refresh(identity, ada.tokens)).body;
    const second = (await refresh(identity, first)).body;
    expect([await amr(identity, first.access_token), await amr(identity, second.access_token)]).toEqual([
      ["pwd", "otp", "mfa"],
      ["pwd", "otp", "mfa"],
    ]);
  });

  test.each(["code", "recovery_code"] as const)("says what a login by %s has proven", async (kind) => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    const given = { code: codeOf(identity, ada.secret), recovery_code: ada.recovery_codes[0] };
    const mfa_token = await mfaToken(identity, "ada");
    const { body } = await identity.call<Tokens>("POST", "/auth/mfa/verify", {
      body: { mfa_token, [kind]: given[kind] },
    });
    expect(await amr(identity, body.access_token)).toEqual(["pwd", "otp", "mfa"]);
  });

  test("says it of a session that proves the code later, also after a refresh", async () => {
    await using identity = await testIdentity();
    const { ada, confirm } = await robbed(identity);
    const { recovery_codes } = (await confirm()).body;
    const proven = (await prove(identity, ada.token, { recovery_code: recovery_codes[0] })).body;
    const next = (await refresh(identity, proven)).body;
    expect(await amr(identity, proven.access_token)).toEqual(["pwd", "otp", "mfa"]);
    expect(await amr(identity, next.access_token)).toEqual(["pwd", "otp", "mfa"]);
  });

  test("of a password alone says no more when it is proven again", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    expect(await amr(identity, (await prove(identity, token, { password })).body.access_token)).toEqual(["pwd"]);
  });
});
