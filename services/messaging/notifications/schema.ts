import { type Static, Type } from "@sinclair/typebox";
import { Id, listQuery, Nullable, OneOf, QueryBoolean, Time } from "@stoa/http";

/** Something that its user should know of. */
export const Notification = Type.Object(
  {
    id: Id(),
    kind: OneOf(["assigned", "mentioned", "invited", "replied"]),
    actor_id: Nullable(Id()),
    object: Type.Object({ type: Type.String(), id: Id(), title: Type.String() }),
    is_read: Type.Boolean(),
    created_at: Time(),
  },
  { title: "Notification" },
);
/** Something that its user should know of. */
export type Notification = Static<typeof Notification>;

/** Query of GET /notifications. */
export const NotificationsQuery = listQuery({ unread: QueryBoolean() });
/** Which notifications. */
export type NotificationsQuery = Static<typeof NotificationsQuery>;

/** Body of POST /notifications/read: some, or all. */
export const NotificationsRead = Type.Object(
  {
    ids: Type.Optional(Type.Array(Id(), { minItems: 1, maxItems: 100 })),
    all: Type.Optional(Type.Literal(true)),
  },
  { title: "NotificationsRead" },
);
