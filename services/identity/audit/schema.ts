import { type Static, Type } from "@sinclair/typebox";
import { Id, listQuery, Nullable, QueryText, Time } from "@stoa/http";

/** An event or a failed login, as the audit trail shows it. */
export const AuditEntry = Type.Object(
  {
    id: Type.String(),
    type: Type.String(),
    actor_id: Nullable(Type.String({ description: "Who did it; null for Stoa itself and for someone not logged in." })),
    subject_id: Nullable(Type.String({ description: "What it happened to: a user, organization, role or key." })),
    organization_id: Nullable(Type.String()),
    session_id: Nullable(Type.String()),
    ip_address: Nullable(Type.String()),
    device_info: Nullable(Type.String()),
    request_id: Nullable(Type.String()),
    data: Type.Record(Type.String(), Type.Unknown()),
    occurred_at: Type.String(),
  },
  { title: "AuditEntry" },
);
/** An event or a failed login, as the audit trail shows it. */
export type AuditEntry = Static<typeof AuditEntry>;

/** Query of GET /auth/audit. */
export const AuditQuery = listQuery({
  user_id: Type.Optional(Id({ description: "What happened to this user, or to others with them in it." })),
  actor_id: Type.Optional(Id({ description: "What this user did." })),
  type: QueryText({ max: 100, description: "An event's name, `session.started`; `login.failed` for failed logins." }),
  since: Type.Optional(Time({ description: "From this moment on." })),
  until: Type.Optional(Time({ description: "Before this moment." })),
});
/** Which entries. */
export type AuditQuery = Static<typeof AuditQuery>;
