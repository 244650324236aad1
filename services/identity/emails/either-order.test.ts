import { eitherOrder } from "../test/either-order.ts";
import { password, type TestIdentity } from "../test/harness.ts";
import { mailedToken } from "../test/mails.ts";

/** Ada has asked for another address in one session, and is in a second one. */
async function scene(identity: TestIdentity) {
  const { user, token } = await identity.person("ada");
  const grace = await identity.person("grace");
  const { access_token: second } = await identity.login("ada");
  const root = await identity.superuser();
  const verification = await mailedToken(identity.db, "ada@example.com", "email_verification");
  await identity.call("PATCH", "/auth/me", { token, body: { email: "countess@example.com" } });
  const change = await mailedToken(identity.db, "countess@example.com", "email_change");
  const undo = await mailedToken(identity.db, "ada@example.com", "email_change_requested");
  const register = (email: string) => ({
    method: "POST",
    path: "/auth/register",
    body: { email, username: "someone", password },
  });
  return {
    confirm: { method: "POST", path: "/auth/email/verify", body: { token: change } },
    verify: { method: "POST", path: "/auth/email/verify", body: { token: verification } },
    undo: { method: "POST", path: "/auth/email/undo", body: { token: undo } },
    withdraw: { method: "PATCH", path: "/auth/me", token, body: { pending_email: null } },
    "ask for another": { method: "PATCH", path: "/auth/me", token, body: { email: "third@example.com" } },
    "ask for a mail": { method: "POST", path: "/auth/email/verification", token },
    "forget the password": { method: "POST", path: "/auth/password/forgot", body: { email: "ada@example.com" } },
    "change the password": {
      method: "PUT",
      path: "/auth/me/password",
      token: second,
      body: { current_password: password, new_password: "nine otters under the bridge" },
    },
    "give another": {
      method: "PATCH",
      path: `/auth/users/${user.id}`,
      token: root,
      body: { email: "lovelace@example.com" },
    },
    "give Grace the new one": {
      method: "PATCH",
      path: `/auth/users/${grace.user.id}`,
      token: root,
      body: { email: "countess@example.com" },
    },
    "ask for the old one": {
      method: "PATCH",
      path: "/auth/me",
      token: grace.token,
      body: { email: "ada@example.com" },
    },
    "register with the new one": register("countess@example.com"),
    "register with the old one": register("ada@example.com"),
    disable: { method: "PUT", path: `/auth/users/${user.id}/disable`, token: root },
    erase: { method: "DELETE", path: "/auth/me", token: second, body: { password } },
    "log out everywhere": { method: "POST", path: "/auth/logout-all", token: second },
  };
}

eitherOrder("an address", scene, {
  confirm: [
    "confirm",
    "undo",
    "withdraw",
    "ask for another",
    "change the password",
    "give another",
    "give Grace the new one",
    "register with the new one",
    "disable",
    "erase",
  ],
  verify: ["confirm", "undo", "give another"],
  undo: ["undo", "confirm", "withdraw", "ask for another", "give another", "register with the old one", "disable"],
  withdraw: ["confirm", "undo", "ask for another", "change the password"],
  "ask for another": ["confirm", "undo", "withdraw", "change the password", "log out everywhere"],
  "ask for a mail": ["confirm", "verify", "undo", "withdraw", "ask for another", "erase"],
  "forget the password": ["confirm", "give another", "disable"],
  "change the password": ["confirm", "undo"],
  "give another": ["confirm", "undo", "withdraw", "erase"],
  "give Grace the new one": ["confirm", "register with the new one"],
  "ask for the old one": ["confirm", "undo", "erase"],
  "register with the new one": ["confirm", "give Grace the new one", "register with the new one"],
  "register with the old one": ["confirm", "undo", "erase"],
  erase: ["confirm", "undo", "ask for another"],
});
