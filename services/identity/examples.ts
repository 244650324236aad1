import type { AuditEntry } from "./audit/schema.ts";
import type { ExternalTokens } from "./external/schema.ts";
import type { Invitation, OwnInvitation } from "./invitations/schema.ts";
import type { Organization, OrganizationMember } from "./organizations/schema.ts";
import type { Overview } from "./overview/schema.ts";
import type { Role } from "./roles/schema.ts";
import { exampleTokens } from "./sessions/schema.ts";
import type { User } from "./users/schema.ts";

const time = "2026-11-20T09:00:00.000Z";

/** A user, for the documentation. */
export const userExample = {
  id: "019aa0f0-3c2b-7d4e-9a61-5f0c2b7d4e9a",
  username: "ada",
  email: "ada@example.com",
  email_verified: false,
  pending_email: null,
  full_name: "Ada Lovelace",
  bio: null,
  is_active: true,
  is_superuser: false,
  roles: [],
  mfa_enabled: false,
  last_login_at: time,
  version: 1,
  created_at: time,
  updated_at: time,
} satisfies User;

/** A role, for the documentation. */
export const roleExample = {
  id: "019aa0f0-5e6f-7a80-91b2-c3d4e5f60718",
  name: "auditor",
  description: "Reads what happened.",
  created_at: time,
} satisfies Role;

/** An organization, for the documentation. */
export const organizationExample = {
  id: "019aa0f0-6f70-7b91-a2c3-d4e5f6071829",
  name: "Analytical Engines",
  slug: "analytical-engines",
  role: "owner",
  member_count: 1,
  version: 1,
  created_at: time,
  updated_at: time,
} satisfies Organization;

/** A member, for the documentation. */
export const memberExample = {
  user_id: userExample.id,
  username: "ada",
  full_name: "Ada Lovelace",
  role: "admin",
  is_active: true,
  joined_at: time,
} satisfies OrganizationMember;

/** An invitation, for the documentation. */
export const invitationExample = {
  id: "019aa0f0-7081-7ca2-b3d4-e5f60718293a",
  email: "grace@example.com",
  role: "admin",
  status: "pending",
  invited_by: userExample.id,
  expires_at: "2026-11-27T09:00:00.000Z",
  created_at: time,
} satisfies Invitation;

/** An invitation to oneself, for the documentation. */
export const ownInvitationExample = {
  ...invitationExample,
  organization_id: organizationExample.id,
  organization_name: organizationExample.name,
  inviter_name: "Ada Lovelace",
} satisfies OwnInvitation;

/** Tokens of a corporate login, for the documentation. */
export const externalTokensExample = {
  ...exampleTokens,
  guid: "3f0e5a52-8d0b-4b71-9a51-0c5f2b7d4e9a",
  user_id: userExample.id,
  ace_user_id: "4711",
  username: "ada",
  account_id: "acme",
} satisfies ExternalTokens;

/** An audit entry, for the documentation. */
export const auditExample = {
  id: "019aa0f0-6a7b-7c8d-9e0f-a1b2c3d4e5f6",
  type: "user.disabled",
  actor_id: userExample.id,
  subject_id: "019aa0f0-4d1c-7a2b-8c3d-4e5f60718293",
  organization_id: null,
  session_id: "019aa0f0-5e2d-7b3c-9d4e-5f6071829304",
  ip_address: "192.0.2.7",
  device_info: "curl/8.14.1",
  request_id: "019aa0f0-6a7b-7000-8000-a1b2c3d4e5f6",
  data: { user_id: "019aa0f0-4d1c-7a2b-8c3d-4e5f60718293", session_ids: [] },
  occurred_at: time,
} satisfies AuditEntry;

/** What a superuser sees of a person, for the documentation. */
export const overviewExample = {
  user: userExample,
  sessions: [],
  factors: [{ type: "totp", created_at: time, confirmed_at: time }],
  recovery_codes_left: 9,
  corporate: [],
  throttles: [{ scope: "account", failures: 5, failed_at: time, blocked_until: "2026-11-20T09:00:05.000Z" }],
  attempts: [],
  memberships: [
    {
      organization_id: organizationExample.id,
      organization_name: organizationExample.name,
      role: "owner",
      joined_at: time,
    },
  ],
  invitations: [ownInvitationExample],
  sent_invitations: [],
  former_usernames: [],
  audit: [auditExample],
} satisfies Overview;

/** Two lines of an import and what became of them, for the documentation. */
export const importExample = {
  body: [
    '{"email":"ada@example.com","username":"ada","password_hash":"$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"}',
    '{"email":"grace@example.com","full_name":"Grace Hopper","roles":["auditor"]}',
  ].join("\n"),
  answer: {
    line: 2,
    outcome: "refused",
    id: null,
    error: { error_code: "unknown_role", detail: "There is no role of this name." },
  },
} as const;
