import { select, sql } from "@stoa/db";
import { signingKeys } from "../keys/table.ts";
import { password, type TestIdentity } from "./harness.ts";
import { mailedToken } from "./mails.ts";
import { codeOf, enrolled, mfaToken } from "./mfa.ts";

const nextKey = select({ kid: signingKeys.kid }, sql`from ${signingKeys} where status = 'next'`);

/** One successful call of a route, and whose row it must leave. */
export interface Call {
  /** The parameters of the path, in their order. */
  readonly params?: readonly string[];
  readonly token?: string;
  readonly body?: unknown;
  /** The body's media type where it is not JSON. */
  readonly type?: string;
  /** Who did it; null for who was not logged in. Some are known by the answer alone. */
  readonly actor: string | null | ((answer: Answer) => string);
  /** What it happened to: the aggregate or the thing within it. */
  readonly subject: string | ((answer: Answer) => string);
}

/** What answers are looked at for. */
export interface Answer {
  readonly id: string;
  readonly user_id: string;
}

/** Makes ready for a call. */
export type Prepare = (identity: TestIdentity) => Promise<Call>;

/** Routes that change something and leave no row, each with its reason. */
export const silent: Readonly<Record<string, string>> = {
  "POST /auth/refresh": "A session that goes on: its times say so. Reuse leaves a row.",
  "PATCH /auth/refresh": "The same as POST.",
  "POST /admin/backups": "It changes no data; the log says that a backup was made, and its manifest when.",
  "POST /auth/mfa/totp": "An enrolment that counts for nothing until it is confirmed, which leaves a row.",
};

const own =
  (body?: unknown): Prepare =>
  async (identity) => {
    const { user, token } = await identity.person("ada");
    return { token, body, actor: user.id, subject: user.id };
  };

/** A superuser and someone to do it to. */
const administering =
  (body?: unknown, before?: (identity: TestIdentity, token: string, id: string) => Promise<unknown>): Prepare =>
  async (identity) => {
    const { user } = await identity.person("ada");
    const token = await identity.superuser();
    await before?.(identity, token, user.id);
    const { user_id } = await identity.verify(token);
    return { params: [user.id], token, body, actor: user_id, subject: user.id };
  };

const registering: Prepare = async () => ({
  body: { email: "ada@example.com", password },
  actor: null,
  subject: ({ id }) => id,
});

const importing: Prepare = async (identity) => {
  const token = await identity.superuser();
  const { user_id } = await identity.verify(token);
  const body = { email: "ada@example.com" };
  return { token, body, type: "application/x-ndjson", actor: user_id, subject: ({ id }) => id };
};

const loggingInExternally: Prepare = async () => ({
  body: { account_id: "acme", username: "ada", password: "corporate" },
  actor: ({ user_id }) => user_id,
  subject: ({ user_id }) => user_id,
});

const endingASession: Prepare = async (identity) => {
  const { user, token, tokens } = await identity.person("ada");
  return { params: [tokens.session_id], token, actor: user.id, subject: user.id };
};

/** Ada owns an organization, Grace is a member. */
const inOrganization =
  (body: unknown, about: "organization" | "member", withMember = true): Prepare =>
  async (identity) => {
    const ada = await identity.person("ada");
    const grace = await identity.person("grace");
    const { token } = ada;
    const { body: organization } = await identity.call<Answer>("POST", "/organizations", {
      token,
      body: { name: "Analysts" },
    });
    const member = { user_id: grace.user.id, role: "member" };
    if (withMember) await identity.call("POST", `/organizations/${organization.id}/members`, { token, body: member });
    const given = body === "member" ? member : body;
    const params = about === "member" && withMember ? [organization.id, grace.user.id] : [organization.id];
    return { params, token, body: given, actor: ada.user.id, subject: organization.id };
  };

async function invitation(identity: TestIdentity) {
  const ada = await identity.person("ada");
  const { token } = ada;
  const { body: organization } = await identity.call<Answer>("POST", "/organizations", {
    token,
    body: { name: "Analysts" },
  });
  const { body } = await identity.call<Answer>("POST", `/organizations/${organization.id}/invitations`, {
    token,
    body: { email: "grace@example.com", role: "member" },
  });
  return { ada, organization, invitation: body };
}

/** Grace, whose address is verified, does something with the invitation to it. */
const accepting: Prepare = async (identity) => {
  const { organization, invitation: it } = await invitation(identity);
  const grace = await identity.person("grace");
  await identity.db.write([sql`update users set email_verified = 1 where id = ${grace.user.id}`]);
  return { params: [it.id], token: grace.token, actor: grace.user.id, subject: organization.id };
};

const withFactor =
  (body?: (identity: TestIdentity, secret: string) => unknown): Prepare =>
  async (identity) => {
    const { id, token, secret } = await enrolled(identity, "ada");
    return { token, body: body?.(identity, secret), actor: id, subject: id };
  };

const role = async (identity: TestIdentity) => {
  const token = await identity.superuser();
  const { body } = await identity.call<Answer>("POST", "/auth/roles", { token, body: { name: "auditor" } });
  return { token, id: body.id, user_id: (await identity.verify(token)).user_id };
};

/** How each route is called so that it succeeds. */
export const calls: Readonly<Record<string, Prepare>> = {
  "POST /auth/register": registering,
  "POST /auth/signup": registering,
  "PATCH /auth/me": own({ bio: "x" }),
  "PUT /auth/me": own({ bio: "x" }),
  "PATCH /users/me": own({ bio: "x" }),
  "PUT /users/me": own({ bio: "x" }),
  "DELETE /auth/me": own({ password }),
  "DELETE /users/me": own({ password }),
  "PUT /auth/me/password": own({ current_password: password, new_password: "nine otters under the bridge" }),
  "POST /auth/email/verification": own(),
  "POST /auth/email/verify": async (identity) => {
    const { id } = await identity.register("ada");
    const token = await mailedToken(identity.db, "ada@example.com", "email_verification");
    return { body: { token }, actor: null, subject: id };
  },
  "POST /auth/email/undo": async (identity) => {
    const { user, token } = await identity.person("ada");
    await identity.call("PATCH", "/auth/me", { token, body: { email: "countess@example.com" } });
    const body = { token: await mailedToken(identity.db, "ada@example.com", "email_change_requested") };
    return { body, actor: null, subject: user.id };
  },
  "POST /auth/password/forgot": async (identity) => {
    const { id } = await identity.register("ada");
    return { body: { email: "ada@example.com" }, actor: null, subject: id };
  },
  "POST /auth/password/reset": async (identity) => {
    const { id } = await identity.register("ada");
    await identity.call("POST", "/auth/password/forgot", { body: { email: "ada@example.com" } });
    const token = await mailedToken(identity.db, "ada@example.com", "password_reset");
    return { body: { token, new_password: "nine otters under the bridge" }, actor: null, subject: id };
  },
  "POST /auth/login": async (identity) => {
    const { id } = await identity.register("ada");
    return { body: { username: "ada", password }, actor: id, subject: id };
  },
  "POST /auth/login/external": loggingInExternally,
  "POST /user/login": loggingInExternally,
  "POST /auth/logout": own(),
  "POST /auth/logout-all": own(),
  "POST /auth/reauthenticate": own({ password }),
  "DELETE /auth/sessions/:id": endingASession,
  "POST /auth/sessions/:id/revoke": endingASession,
  "POST /auth/mfa/totp/confirm": async (identity) => {
    const { user, token } = await identity.person("ada");
    const { body } = await identity.call<{ secret: string }>("POST", "/auth/mfa/totp", { token });
    return { token, body: { code: codeOf(identity, body.secret) }, actor: user.id, subject: user.id };
  },
  "DELETE /auth/mfa/totp": withFactor(),
  "POST /auth/mfa/recovery-codes": withFactor(),
  "POST /auth/mfa/verify": async (identity) => {
    const { id, secret } = await enrolled(identity, "ada");
    const mfa_token = await mfaToken(identity, "ada");
    return { body: { mfa_token, code: codeOf(identity, secret) }, actor: id, subject: id };
  },
  "POST /auth/users": async (identity) => {
    const token = await identity.superuser();
    const { user_id } = await identity.verify(token);
    return { token, body: { email: "ada@example.com", password }, actor: user_id, subject: ({ id }) => id };
  },
  "POST /auth/users/import": importing,
  "POST /auth/users/bulk": async (identity) => {
    const call = await administering()(identity);
    return { ...call, params: [], body: { ids: call.params, action: "disable" } };
  },
  "PATCH /auth/users/:id": administering({ bio: "x" }),
  "PUT /auth/users/:id": administering({ bio: "x" }),
  "DELETE /auth/users/:id": administering(),
  "DELETE /auth/users/:id/mfa": async (identity) => {
    const { id } = await enrolled(identity, "ada");
    const token = await identity.superuser();
    return { params: [id], token, actor: (await identity.verify(token)).user_id, subject: id };
  },
  "DELETE /auth/users/:id/throttle": administering(undefined, (identity) =>
    identity.call("POST", "/auth/login", { body: { username: "ada", password: "wrong wrong wrong" } }),
  ),
  "PUT /auth/users/:id/disable": administering(),
  "PUT /auth/users/:id/enable": administering(undefined, (identity, token, id) =>
    identity.call("PUT", `/auth/users/${id}/disable`, { token }),
  ),
  "PUT /auth/users/:id/superuser": administering({ is_superuser: true }),
  "DELETE /auth/users/:id/sessions": administering(),
  "DELETE /auth/users/:id/sessions/:session_id": async (identity) => {
    const { user, tokens } = await identity.person("ada");
    const token = await identity.superuser();
    const { user_id } = await identity.verify(token);
    return { params: [user.id, tokens.session_id], token, actor: user_id, subject: user.id };
  },
  "PUT /auth/users/:id/roles": administering({ roles: ["auditor"] }, (identity) => role(identity)),
  "POST /auth/roles": async (identity) => {
    const token = await identity.superuser();
    const { user_id } = await identity.verify(token);
    return { token, body: { name: "auditor" }, actor: user_id, subject: ({ id }) => id };
  },
  "DELETE /auth/roles/:id": async (identity) => {
    const { token, id, user_id } = await role(identity);
    return { params: [id], token, actor: user_id, subject: id };
  },
  "POST /auth/keys/rotate": async (identity) => {
    identity.clock.ahead += 6 * 60_000;
    const token = await identity.superuser();
    const [next] = await identity.db.query(nextKey);
    return { token, actor: (await identity.verify(token)).user_id, subject: next?.kid ?? "" };
  },
  "POST /auth/keys/:kid/revoke": async (identity) => {
    const token = await identity.superuser();
    const [next] = await identity.db.query(nextKey);
    const kid = next?.kid ?? "";
    return { params: [kid], token, actor: (await identity.verify(token)).user_id, subject: kid };
  },
  "POST /organizations": async (identity) => {
    const { user, token } = await identity.person("ada");
    return { token, body: { name: "Analysts" }, actor: user.id, subject: ({ id }) => id };
  },
  "PATCH /organizations/:id": inOrganization({ name: "Engineers" }, "organization"),
  "PUT /organizations/:id": inOrganization({ name: "Engineers" }, "organization"),
  "DELETE /organizations/:id": inOrganization(undefined, "organization"),
  "POST /organizations/:id/members": inOrganization("member", "member", false),
  "PATCH /organizations/:id/members/:user_id": inOrganization({ role: "admin" }, "member"),
  "PUT /organizations/:id/members/:user_id": inOrganization({ role: "admin" }, "member"),
  "DELETE /organizations/:id/members/:user_id": inOrganization(undefined, "member"),
  "POST /organizations/:id/invitations": inOrganization({ email: "hedy@example.com", role: "member" }, "organization"),
  "DELETE /organizations/:id/invitations/:invitation_id": async (identity) => {
    const { ada, organization, invitation: it } = await invitation(identity);
    return { params: [organization.id, it.id], token: ada.token, actor: ada.user.id, subject: organization.id };
  },
  "POST /organizations/:id/invitations/:invitation_id/resend": async (identity) => {
    const { ada, organization, invitation: it } = await invitation(identity);
    return { params: [organization.id, it.id], token: ada.token, actor: ada.user.id, subject: it.id };
  },
  "POST /invitations/:id/accept": accepting,
  "POST /invitations/:id/decline": accepting,
  "POST /invitations/accept": async (identity) => {
    const { organization } = await invitation(identity);
    const token = await mailedToken(identity.db, "grace@example.com", "invitation");
    const grace = await identity.person("grace");
    return { token: grace.token, body: { token }, actor: grace.user.id, subject: organization.id };
  },
};
