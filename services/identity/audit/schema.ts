import { type Static, Type } from "@sinclair/typebox";
import { Id, listQuery, Nullable, QueryText, Time } from "@stoa/http";

/** One thing that happened, as the audit trail shows it. */
export const AuditEntry = Type.Object(
  {
    id: Id(),
    type: Type.String({ description: "An event's name, `session.started`; `login.failed` for failed logins." }),
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
/** One thing that happened, as the audit trail shows it. */
export type AuditEntry = Static<typeof AuditEntry>;

/** What the audit list may be narrowed to. */
export const AuditQuery = listQuery({
  user_id: Type.Optional(Id({ description: "What happened to this user, or to others with them in it." })),
  actor_id: Type.Optional(Id({ description: "What this user did." })),
  type: QueryText({ max: 100, description: "An event's name, `session.started`; `login.failed` for failed logins." }),
  since: Type.Optional(Time({ description: "From this moment on." })),
  until: Type.Optional(Time({ description: "Before this moment." })),
});

/** What the documentation shows. */
export const exampleEntry = {
  id: "019aa0f0-6a7b-7c8d-9e0f-a1b2c3d4e5f6",
  type: "user.disabled",
  actor_id: "019aa0f0-3c2b-7d4e-9a61-5f0c2b7d4e9a",
  subject_id: "019aa0f0-4d1c-7a2b-8c3d-4e5f60718293",
  organization_id: null,
  session_id: "019aa0f0-5e2d-7b3c-9d4e-5f6071829304",
  ip_address: "192.0.2.7",
  device_info: "curl/8.14.1",
  request_id: "019aa0f0-6a7b-7000-8000-a1b2c3d4e5f6",
  data: { user_id: "019aa0f0-4d1c-7a2b-8c3d-4e5f60718293", session_ids: [] },
  occurred_at: "2026-11-20T09:00:00.000Z",
} satisfies AuditEntry;
