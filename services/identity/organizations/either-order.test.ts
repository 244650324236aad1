import { sql } from "@stoa/db";
import { eitherOrder } from "../test/either-order.ts";
import type { TestIdentity } from "../test/harness.ts";
import { mailedToken } from "../test/mails.ts";
import { join } from "../test/organizations.ts";

/** Ada's organization, with Grace as admin and Linus as member. Grace has invited Eve. */
async function scene(identity: TestIdentity) {
  const [ada, grace] = [await identity.person("ada"), await identity.person("grace")];
  const [linus, eve] = [await identity.person("linus"), await identity.person("eve")];
  const root = await identity.superuser();
  await identity.db.write([sql`update users set email_verified = 1`]);
  const made = await identity.call<{ id: string }>("POST", "/organizations", {
    token: ada.token,
    body: { name: "Engines" },
  });
  const organization = `/organizations/${made.body.id}`;
  await join(identity, ada, made.body.id, grace, "admin");
  await join(identity, ada, made.body.id, linus, "member");
  const invited = await identity.call<{ id: string }>("POST", `${organization}/invitations`, {
    token: grace.token,
    body: { email: "eve@example.com", role: "member" },
  });
  const invitation = `${organization}/invitations/${invited.body.id}`;
  const token = await mailedToken(identity.db, "eve@example.com", "invitation");
  const member = (who: typeof ada) => `${organization}/members/${who.user.id}`;
  const user = (who: typeof ada) => `/auth/users/${who.user.id}`;
  const once = { "idempotency-key": "once" };
  return {
    rename: { method: "PATCH", path: organization, token: ada.token, body: { name: "Motors" } },
    "change the slug": { method: "PATCH", path: organization, token: ada.token, body: { slug: "motors" } },
    delete: { method: "DELETE", path: organization, token: ada.token },
    "create one with the slug": {
      method: "POST",
      path: "/organizations",
      token: eve.token,
      body: { name: "M", slug: "motors" },
    },
    "add Eve": {
      method: "POST",
      path: `${organization}/members`,
      token: grace.token,
      body: { user_id: eve.user.id, role: "member" },
    },
    "add Eve once": {
      method: "POST",
      path: `${organization}/members`,
      token: ada.token,
      body: { username: "eve", role: "admin" },
      headers: once,
    },
    "promote Linus": { method: "PATCH", path: member(linus), token: grace.token, body: { role: "admin" } },
    "make Grace owner": { method: "PATCH", path: member(grace), token: ada.token, body: { role: "owner" } },
    "demote Grace": { method: "PATCH", path: member(grace), token: ada.token, body: { role: "member" } },
    "demote Ada": { method: "PATCH", path: member(ada), token: root, body: { role: "member" } },
    "remove Linus": { method: "DELETE", path: member(linus), token: grace.token },
    "remove Grace": { method: "DELETE", path: member(grace), token: ada.token },
    "leave, Grace": { method: "DELETE", path: member(grace), token: grace.token },
    "leave, Ada": { method: "DELETE", path: member(ada), token: ada.token },
    "invite Hedy": {
      method: "POST",
      path: `${organization}/invitations`,
      token: grace.token,
      body: { email: "hedy@example.com", role: "member" },
      headers: once,
    },
    "invite Eve": {
      method: "POST",
      path: `${organization}/invitations`,
      token: ada.token,
      body: { email: "eve@example.com", role: "admin" },
    },
    revoke: { method: "DELETE", path: invitation, token: ada.token },
    resend: { method: "POST", path: `${invitation}/resend`, token: ada.token },
    accept: { method: "POST", path: "/invitations/accept", token: eve.token, body: { token } },
    "accept one's own": { method: "POST", path: `/invitations/${invited.body.id}/accept`, token: eve.token },
    decline: { method: "POST", path: `/invitations/${invited.body.id}/decline`, token: eve.token },
    "disable Ada": { method: "PUT", path: `${user(ada)}/disable`, token: root },
    "disable Grace": { method: "PUT", path: `${user(grace)}/disable`, token: root },
    "disable Eve": { method: "PUT", path: `${user(eve)}/disable`, token: root },
    "erase Ada": { method: "DELETE", path: user(ada), token: root },
    "erase Grace": { method: "DELETE", path: user(grace), token: root },
    "erase Linus": { method: "DELETE", path: user(linus), token: root },
    "erase Eve": { method: "DELETE", path: user(eve), token: root },
    "rename Eve": { method: "PATCH", path: user(eve), token: root, body: { username: "eva" } },
    "give Eve an address": {
      method: "PATCH",
      path: user(eve),
      token: root,
      body: { email: "eva@example.com", email_verified: true },
    },
  };
}

eitherOrder("an organization", scene, {
  rename: ["change the slug", "delete", "demote Ada", "create one with the slug"],
  "change the slug": ["create one with the slug", "rename", "delete"],
  delete: ["rename", "make Grace owner", "demote Ada", "accept", "invite Hedy"],
  "create one with the slug": ["change the slug", "create one with the slug", "erase Eve"],
  "add Eve": [
    "add Eve once",
    "accept",
    "accept one's own",
    "remove Grace",
    "delete",
    "rename",
    "erase Eve",
    "disable Eve",
  ],
  "add Eve once": ["add Eve once", "add Eve", "rename Eve", "demote Ada", "decline"],
  "promote Linus": ["remove Linus", "demote Grace", "rename", "erase Linus", "delete"],
  "make Grace owner": ["leave, Grace", "demote Ada", "erase Grace", "disable Grace"],
  "demote Grace": ["remove Grace", "make Grace owner", "invite Hedy", "accept"],
  "demote Ada": ["make Grace owner", "leave, Ada", "disable Ada", "erase Ada"],
  "remove Linus": ["promote Linus", "demote Grace", "leave, Grace", "rename", "delete"],
  "remove Grace": ["make Grace owner", "leave, Grace", "accept", "invite Hedy"],
  "leave, Ada": ["make Grace owner", "demote Ada", "delete"],
});

eitherOrder("an invitation", scene, {
  "invite Hedy": ["invite Hedy", "demote Grace", "rename", "delete", "disable Grace", "erase Grace"],
  "invite Eve": ["revoke", "decline", "accept", "add Eve", "give Eve an address"],
  revoke: ["accept", "decline", "resend", "delete", "demote Ada", "rename"],
  resend: ["accept", "decline", "revoke", "disable Grace", "rename", "give Eve an address", "erase Eve"],
  accept: [
    "accept",
    "resend",
    "revoke",
    "decline",
    "demote Grace",
    "delete",
    "disable Eve",
    "give Eve an address",
    "rename",
  ],
  "accept one's own": ["resend", "decline", "revoke", "remove Grace", "give Eve an address", "erase Grace"],
  decline: ["accept", "revoke", "add Eve", "rename", "give Eve an address"],
  "disable Grace": ["invite Hedy", "accept", "make Grace owner"],
  "erase Grace": ["invite Hedy", "accept", "resend"],
  "erase Eve": ["accept", "resend", "give Eve an address"],
  "give Eve an address": ["accept", "invite Eve", "erase Eve"],
});
