import { type Static, Type } from "@sinclair/typebox";
import { Id, listQuery, Nullable, OneOf, QueryBoolean, Time } from "@stoa/http";
import { kinds, objectTypes } from "./kinds.ts";

/** Something that its user should know of. */
export const Notification = Type.Object(
  {
    id: Id(),
    kind: OneOf(kinds, { description: "What happened." }),
    actor_id: Nullable(Id({ description: "The user who did it; null: Stoa itself." })),
    object: Type.Object(
      {
        type: OneOf(objectTypes, { description: "What it is." }),
        id: Id(),
        title: Type.String({
          description: "What it was called then. A message is called as its conversation, or `Direct message`.",
        }),
      },
      { description: "What it is about." },
    ),
    is_read: Type.Boolean({ description: "Whether you have marked it as read." }),
    created_at: Time(),
  },
  { title: "Notification" },
);
/** Something that its user should know of. */
export type Notification = Static<typeof Notification>;

/** Query of GET /notifications. */
export const NotificationsQuery = listQuery({
  unread: QueryBoolean({ description: "Only those that you have not read." }),
});
/** The query of GET /notifications. */
export type NotificationsQuery = Static<typeof NotificationsQuery>;

/** Body of POST /notifications/read: some, or all. */
export const NotificationsRead = Type.Object(
  {
    ids: Type.Optional(Type.Array(Id(), { minItems: 1, maxItems: 100, description: "These; or send `all`." })),
    all: Type.Optional(Type.Literal(true, { description: "All that you have." })),
  },
  { title: "NotificationsRead" },
);
