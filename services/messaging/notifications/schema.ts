import { type Static, Type } from "@sinclair/typebox";
import { Id, List, Nullable, OneOf, pageQuery, QueryBoolean, Time } from "@stoa/http";

/** Something that its user should know of. */
export const NotificationSchema = Type.Object(
  {
    id: Id(),
    kind: OneOf(["assigned", "mentioned", "invited", "replied"], { description: "What happened." }),
    actor_id: Nullable(Id({ description: "The user who did it; null: Stoa itself." })),
    object: Type.Object(
      {
        type: Type.String({ description: "What it is: `task`, `message` …" }),
        id: Id(),
        title: Type.String({ description: "What it was called then." }),
      },
      { description: "What it is about." },
    ),
    is_read: Type.Boolean({ description: "Whether you have marked it as read." }),
    created_at: Time(),
  },
  { title: "Notification" },
);
/** Something that its user should know of. */
export type Notification = Static<typeof NotificationSchema>;

export const NotificationPage = List(NotificationSchema);

/** Which notifications. */
export const NotificationListQuery = Type.Object({
  ...pageQuery,
  unread: QueryBoolean({ description: "Only those that you have not read." }),
});

/** Which notifications have been read: some, or all. */
export const NotificationsReadBody = Type.Object(
  {
    ids: Type.Optional(Type.Array(Id(), { minItems: 1, maxItems: 100, description: "These; or send `all`." })),
    all: Type.Optional(Type.Literal(true, { description: "All that you have." })),
  },
  { title: "NotificationsRead" },
);

/** A notification as the documentation shows it. */
export const notificationExample: Notification = {
  id: "0195f0a3-1111-7222-8333-444455556666",
  kind: "assigned",
  actor_id: "0195f09a-5b6c-7d8e-9f00-112233445566",
  object: { type: "task", id: "0195f0a2-aaaa-7bbb-8ccc-ddddeeeeffff", title: "Write the plan" },
  is_read: false,
  created_at: "2026-11-20T09:00:00.000Z",
};
