import { eitherOrder } from "../test/either-order.ts";
import { password, type TestIdentity } from "../test/harness.ts";
import { mailedToken } from "../test/mails.ts";

const other = "nine otters under the bridge";

/** Ada in two sessions, who has asked for a reset, and a superuser. */
async function scene(identity: TestIdentity) {
  const { user, token, tokens } = await identity.person("ada");
  const { access_token: second } = await identity.login("ada");
  const root = await identity.superuser();
  await identity.call("POST", "/auth/password/forgot", { body: { email: "ada@example.com" } });
  const reset = await mailedToken(identity.db, "ada@example.com", "password_reset");
  const verification = await mailedToken(identity.db, "ada@example.com", "email_verification");
  const at = `/auth/users/${user.id}`;
  const match = { "if-match": `"${user.version}"` };
  const create = { token, body: { name: "Analysts", slug: "analysts" }, headers: { "idempotency-key": "once" } };
  return {
    rename: { method: "PATCH", path: "/auth/me", token, body: { username: "countess" } },
    "rename unchanged": { method: "PATCH", path: "/auth/me", token, body: { username: "lady" }, headers: match },
    "ask for an address": { method: "PATCH", path: "/auth/me", token, body: { email: "countess@example.com" } },
    "change the password": {
      method: "PUT",
      path: "/auth/me/password",
      token,
      body: { current_password: password, new_password: other },
    },
    "erase oneself": { method: "DELETE", path: "/auth/me", token, body: { password } },
    "reset the password": { method: "POST", path: "/auth/password/reset", body: { token: reset, new_password: other } },
    "reset it again": { method: "POST", path: "/auth/password/reset", body: { token: reset, new_password: password } },
    "forget the password": { method: "POST", path: "/auth/password/forgot", body: { email: "ada@example.com" } },
    "verify the address": { method: "POST", path: "/auth/email/verify", body: { token: verification } },
    "ask for a verification": { method: "POST", path: "/auth/email/verification", token },
    "log in": { method: "POST", path: "/auth/login", body: { username: "ada", password } },
    "log in anew": { method: "POST", path: "/auth/login", body: { username: "ada", password: other } },
    refresh: { method: "POST", path: "/auth/refresh", body: { refresh_token: tokens.refresh_token } },
    "log out": { method: "POST", path: "/auth/logout", token },
    "log out everywhere": { method: "POST", path: "/auth/logout-all", token: second },
    "revoke the session": { method: "DELETE", path: `/auth/sessions/${tokens.session_id}`, token: second },
    reauthenticate: { method: "POST", path: "/auth/reauthenticate", token, body: { password } },
    "begin a second factor": { method: "POST", path: "/auth/mfa/totp", token },
    "create an organization": { method: "POST", path: "/organizations", ...create },
    "give another address": { method: "PATCH", path: at, token: root, body: { email: "lovelace@example.com" } },
    "give another name": { method: "PATCH", path: at, token: root, body: { full_name: "Lady Ada" }, headers: match },
    disable: { method: "PUT", path: `${at}/disable`, token: root },
    "disable unchanged": { method: "PUT", path: `${at}/disable`, token: root, headers: match },
    enable: { method: "PUT", path: `${at}/enable`, token: root },
    "make superuser": { method: "PUT", path: `${at}/superuser`, token: root, body: { is_superuser: true } },
    "end all sessions": { method: "DELETE", path: `${at}/sessions`, token: root },
    "disable many": {
      method: "POST",
      path: "/auth/users/bulk",
      token: root,
      body: { ids: [user.id], action: "disable" },
    },
    "log many out": {
      method: "POST",
      path: "/auth/users/bulk",
      token: root,
      body: { ids: [user.id], action: "logout" },
    },
    "lift the throttle": { method: "DELETE", path: `${at}/throttle`, token: root },
    erase: { method: "DELETE", path: at, token: root },
  };
}

eitherOrder("a user", scene, {
  rename: ["rename", "rename unchanged", "verify the address", "disable", "erase"],
  "rename unchanged": ["rename", "give another name", "make superuser"],
  "ask for an address": [
    "reset the password",
    "give another address",
    "revoke the session",
    "rename",
    "disable",
    "erase",
  ],
  "change the password": [
    "reset the password",
    "revoke the session",
    "log out everywhere",
    "log in anew",
    "disable",
    "erase",
  ],
  "erase oneself": ["reset the password", "revoke the session", "give another address", "create an organization"],
  "reset the password": [
    "reset it again",
    "log in anew",
    "change the password",
    "give another address",
    "disable",
    "erase",
  ],
  "forget the password": ["forget the password", "reset the password", "give another address", "disable", "erase"],
  "verify the address": ["verify the address", "give another address", "disable", "erase"],
  "ask for a verification": ["verify the address", "ask for an address", "erase"],
  "log in": ["reset the password", "change the password", "log out everywhere", "begin a second factor"],
  refresh: ["refresh", "log out", "reset the password", "end all sessions", "disable", "erase"],
  "log out": ["refresh", "log out everywhere", "disable", "erase"],
  "log out everywhere": ["log in", "refresh", "disable"],
  "revoke the session": ["refresh", "log out everywhere"],
  reauthenticate: ["reset the password", "revoke the session", "disable"],
  "create an organization": ["create an organization", "disable", "erase"],
  "give another address": ["verify the address", "rename", "log in", "ask for an address", "disable", "erase"],
  "give another name": ["rename", "disable unchanged", "erase"],
  disable: ["enable", "log in", "refresh", "disable many"],
  "disable unchanged": ["rename", "enable", "make superuser"],
  enable: ["disable", "log in", "erase"],
  "make superuser": ["disable", "make superuser"],
  "end all sessions": ["log in", "refresh", "disable", "erase"],
  "disable many": ["enable", "log in", "erase", "disable"],
  "log many out": ["refresh", "disable", "erase"],
  "lift the throttle": ["log in anew", "erase"],
  erase: ["rename", "give another address", "reset the password", "log in", "create an organization"],
});
