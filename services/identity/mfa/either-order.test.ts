import { eitherOrder } from "../test/either-order.ts";
import { password, type TestIdentity } from "../test/harness.ts";
import { mailedToken } from "../test/mails.ts";
import { codeOf, enrolled, mfaToken } from "../test/mfa.ts";

const [other, short] = ["nine otters under the bridge", "k7#Vq2!x"];

/** Ada in two sessions that have proven her second factor, and in the middle of two more logins. */
async function scene(identity: TestIdentity) {
  const { id, token, secret, recovery_codes, session_id } = await enrolled(identity, "ada");
  const root = await identity.superuser();
  const [spent, recovery_code] = recovery_codes;
  const body = { mfa_token: await mfaToken(identity, "ada"), recovery_code: spent };
  const second = await identity.call<{ access_token: string }>("POST", "/auth/mfa/verify", { body });
  const stolen = second.body.access_token;
  const [mfa_token, mfa_token2] = [await mfaToken(identity, "ada"), await mfaToken(identity, "ada")];
  const code = codeOf(identity, secret);
  await identity.call("POST", "/auth/password/forgot", { body: { email: "ada@example.com" } });
  const reset = await mailedToken(identity.db, "ada@example.com", "password_reset");
  const verification = await mailedToken(identity.db, "ada@example.com", "email_verification");
  await identity.call("POST", "/auth/email/verify", { body: { token: verification } });
  const verify = (more: object) => ({ method: "POST", path: "/auth/mfa/verify", body: more });
  const change = (new_password: string) => ({ token, body: { current_password: password, new_password } });
  return {
    verify: verify({ mfa_token, code }),
    "verify with the same code": verify({ mfa_token: mfa_token2, code }),
    "verify wrongly": verify({ mfa_token, code: "000000" }),
    recover: verify({ mfa_token, recovery_code }),
    "recover with the same code": verify({ mfa_token: mfa_token2, recovery_code }),
    "log in": { method: "POST", path: "/auth/login", body: { username: "ada", password } },
    "prove a code": { method: "POST", path: "/auth/reauthenticate", token, body: { code } },
    "prove a recovery code": { method: "POST", path: "/auth/reauthenticate", token, body: { recovery_code } },
    "remove the factor": { method: "DELETE", path: "/auth/mfa/totp", token: stolen },
    "remove the factor of Ada": { method: "DELETE", path: `/auth/users/${id}/mfa`, token: root },
    "renew the recovery codes": { method: "POST", path: "/auth/mfa/recovery-codes", token: stolen },
    "ask for an address": { method: "PATCH", path: "/auth/me", token: stolen, body: { email: "eve@example.com" } },
    "change the password": { method: "PUT", path: "/auth/me/password", ...change(other) },
    "choose a short password": { method: "PUT", path: "/auth/me/password", ...change(short) },
    "reset the password": { method: "POST", path: "/auth/password/reset", body: { token: reset, new_password: other } },
    "reset it to a short one": {
      method: "POST",
      path: "/auth/password/reset",
      body: { token: reset, new_password: short },
    },
    "distrust the address": {
      method: "PATCH",
      path: `/auth/users/${id}`,
      token: root,
      body: { email_verified: false },
    },
    "end the other session": { method: "POST", path: "/auth/logout", token: stolen },
    "log out everywhere": { method: "POST", path: "/auth/logout-all", token },
    "revoke the first session": { method: "DELETE", path: `/auth/sessions/${session_id}`, token: stolen },
    disable: { method: "PUT", path: `/auth/users/${id}/disable`, token: root },
    erase: { method: "DELETE", path: `/auth/users/${id}`, token: root },
  };
}

eitherOrder("a second factor", scene, {
  verify: [
    "verify",
    "verify with the same code",
    "recover",
    "prove a code",
    "reset the password",
    "change the password",
    "remove the factor of Ada",
    "disable",
    "erase",
  ],
  recover: ["recover with the same code", "verify", "prove a recovery code", "renew the recovery codes", "disable"],
  "log in": ["remove the factor", "change the password", "reset the password", "disable"],
  "prove a code": ["verify", "prove a code", "revoke the first session", "disable"],
  "prove a recovery code": ["recover", "renew the recovery codes", "revoke the first session"],
  "remove the factor": [
    "change the password",
    "choose a short password",
    "end the other session",
    "log out everywhere",
    "remove the factor of Ada",
    "disable",
  ],
  "remove the factor of Ada": ["remove the factor", "verify", "disable"],
  "renew the recovery codes": [
    "change the password",
    "reset the password",
    "log out everywhere",
    "remove the factor of Ada",
    "recover",
  ],
  "ask for an address": ["change the password", "reset the password", "log out everywhere", "remove the factor of Ada"],
  "change the password": ["verify", "revoke the first session", "reset the password", "remove the factor"],
  "choose a short password": ["remove the factor", "remove the factor of Ada"],
  "reset the password": ["verify", "remove the factor", "change the password"],
  "reset it to a short one": ["remove the factor", "remove the factor of Ada", "distrust the address"],
});

/** Ada has begun to enrol in one session, and is in another. */
async function enrolling(identity: TestIdentity) {
  const { user, token } = await identity.person("ada");
  const { access_token: second, session_id } = await identity.login("ada");
  const root = await identity.superuser();
  const begun = await identity.call<{ secret: string }>("POST", "/auth/mfa/totp", { token });
  await identity.call("PATCH", "/auth/me", { token: second, body: { email: "eve@example.com" } });
  const change = await mailedToken(identity.db, "eve@example.com", "email_change");
  await identity.call("POST", "/auth/password/forgot", { body: { email: "ada@example.com" } });
  const reset = await mailedToken(identity.db, "ada@example.com", "password_reset");
  return {
    confirm: {
      method: "POST",
      path: "/auth/mfa/totp/confirm",
      token,
      body: { code: codeOf(identity, begun.body.secret) },
    },
    "begin anew": { method: "POST", path: "/auth/mfa/totp", token: second },
    "confirm the address": { method: "POST", path: "/auth/email/verify", body: { token: change } },
    "ask for an address": { method: "PATCH", path: "/auth/me", token: second, body: { email: "eva@example.com" } },
    "ask for an address here": { method: "PATCH", path: "/auth/me", token, body: { email: "eva@example.com" } },
    "change the password here": {
      method: "PUT",
      path: "/auth/me/password",
      token,
      body: { current_password: password, new_password: other },
    },
    "renew the recovery codes here": { method: "POST", path: "/auth/mfa/recovery-codes", token },
    "remove the factor here": { method: "DELETE", path: "/auth/mfa/totp", token },
    "change the password": {
      method: "PUT",
      path: "/auth/me/password",
      token: second,
      body: { current_password: password, new_password: other },
    },
    "reset the password": { method: "POST", path: "/auth/password/reset", body: { token: reset, new_password: other } },
    "log in": { method: "POST", path: "/auth/login", body: { username: "ada", password } },
    reauthenticate: { method: "POST", path: "/auth/reauthenticate", token, body: { password } },
    "end the session": { method: "DELETE", path: `/auth/sessions/${session_id}`, token },
    "log out everywhere": { method: "POST", path: "/auth/logout-all", token: second },
    disable: { method: "PUT", path: `/auth/users/${user.id}/disable`, token: root },
    erase: { method: "DELETE", path: `/auth/users/${user.id}`, token: root },
  };
}

eitherOrder("an enrolment", enrolling, {
  confirm: [
    "confirm the address",
    "ask for an address",
    "ask for an address here",
    "change the password",
    "change the password here",
    "reset the password",
    "log in",
    "log out everywhere",
    "disable",
    "erase",
  ],
  "ask for an address here": ["confirm", "log out everywhere"],
  "change the password here": ["confirm", "log out everywhere"],
  "renew the recovery codes here": ["confirm"],
  "remove the factor here": ["confirm"],
  "begin anew": ["begin anew", "confirm", "reset the password"],
  "confirm the address": ["confirm", "change the password", "ask for an address"],
  "ask for an address": ["confirm", "confirm the address", "end the session"],
  "change the password": ["confirm", "end the session"],
  "log in": ["confirm", "reset the password"],
  reauthenticate: ["confirm", "reset the password", "log out everywhere"],
});
