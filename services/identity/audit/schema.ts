import { type Static, Type } from "@sinclair/typebox";
import { Id, listQuery, Nullable, QueryList, QueryUsers, Text, Time } from "@stoa/http";

/** An event or a failed login, as the audit trail shows it. */
export const AuditEntry = Type.Object(
  {
    id: Id(),
    type: Type.String({
      description:
        "An event's name, `session.started`; `login.failed` for failed logins, `login.factor_missing` and `login.disabled` for right passwords that were not enough.",
    }),
    actor_id: Nullable(
      Id({ description: "The user who did it; null for Stoa itself and for those who were not logged in." }),
    ),
    subject_id: Nullable(
      Type.String({ description: "The id of what it happened to: a user, organization, role or key." }),
    ),
    organization_id: Nullable(Id({ description: "The organization that it concerns." })),
    session_id: Nullable(Id({ description: "The session that it was done in." })),
    ip_address: Nullable(Type.String({ description: "Where the request came from." })),
    device_info: Nullable(Type.String({ description: "The `User-Agent` of the request." })),
    request_id: Nullable(Type.String({ description: "The `X-Request-Id` of the request." })),
    data: Type.Record(Type.String(), Type.Unknown(), { description: "What the event says; it depends on `type`." }),
    occurred_at: Time(),
  },
  { title: "AuditEntry" },
);
/** An event or a failed login, as the audit trail shows it. */
export type AuditEntry = Static<typeof AuditEntry>;

/** Query of GET /auth/audit. */
export const AuditQuery = listQuery({
  user_id: QueryUsers({ description: "What happened to one of these users, or to others with them in it." }),
  actor_id: QueryUsers({ description: "What one of these users did." }),
  type: QueryList(Text({ max: 100 }), {
    description:
      "Names of events, `session.started`; `login.failed` for failed logins, `login.factor_missing` and `login.disabled` for right passwords that were not enough.",
  }),
  since: Type.Optional(Time({ description: "From this moment on." })),
  until: Type.Optional(Time({ description: "Before this moment." })),
});
/** The query of GET /auth/audit. */
export type AuditQuery = Static<typeof AuditQuery>;
