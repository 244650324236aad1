import { purge } from "@stoa/db";
import type { Doing } from "@stoa/testing";
import { purges } from "../purges.ts";
import { expireSessions } from "../sessions/expire.ts";
import { eitherOrder } from "./either-order.ts";
import type { TestIdentity } from "./harness.ts";
import { mailedToken } from "./mails.ts";
import { codeOf, enrolled, mfaToken } from "./mfa.ts";

/** What is done every minute, some days later than the requests. */
const maintained =
  (identity: TestIdentity, days: number): Doing =>
  async (db) => {
    const now = () => new Date(identity.deps.now().getTime() + days * 86_400_000);
    await expireSessions({ db, now, revoke: () => undefined });
    await purge(db, purges, now());
  };

/** Ada and Grace in the middle of what ends by itself: sessions, a login, a reset and an invitation. */
async function scene(identity: TestIdentity) {
  const ada = await identity.person("ada");
  const grace = await enrolled(identity, "grace");
  const { refresh_token } = await identity.login("ada");
  const mfa_token = await mfaToken(identity, "grace");
  await identity.call("POST", "/auth/password/forgot", { body: { email: "ada@example.com" } });
  const reset = await mailedToken(identity.db, "ada@example.com", "password_reset");
  const { token } = ada;
  const made = await identity.call<{ id: string }>("POST", "/organizations", { token, body: { name: "Engines" } });
  await identity.call("POST", `/organizations/${made.body.id}/invitations`, {
    token,
    body: { email: "grace@example.com", role: "member" },
  });
  const invitation = await mailedToken(identity.db, "grace@example.com", "invitation");
  return {
    refresh: { method: "POST", path: "/auth/refresh", body: { refresh_token } },
    "log out everywhere": { method: "POST", path: "/auth/logout-all", token },
    verify: { method: "POST", path: "/auth/mfa/verify", body: { mfa_token, code: codeOf(identity, grace.secret) } },
    reset: {
      method: "POST",
      path: "/auth/password/reset",
      body: { token: reset, new_password: "nine otters under the bridge" },
    },
    accept: { method: "POST", path: "/invitations/accept", token: grace.token, body: { token: invitation } },
    "maintain next week": maintained(identity, 8),
    "maintain next month": maintained(identity, 38),
    "maintain in two months": maintained(identity, 70),
  };
}

const later = ["maintain next week", "maintain next month", "maintain in two months"] as const;

eitherOrder("maintenance", scene, {
  refresh: later,
  "log out everywhere": later,
  verify: later,
  reset: later,
  accept: later,
  "maintain next week": ["refresh", "log out everywhere"],
});
