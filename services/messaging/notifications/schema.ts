import { type Static, Type } from "@sinclair/typebox";
import { Id, List, pageQuery, QueryBoolean } from "@stoa/http";
import { AnsweredId, AnsweredTime, AnsweredWord, OrNull } from "../wire.ts";

/** Something that its user should know of. */
export const NotificationSchema = Type.Object(
  {
    id: AnsweredId,
    kind: AnsweredWord(["assigned", "mentioned", "invited", "replied"]),
    actor_id: OrNull(AnsweredId),
    object: Type.Object({ type: Type.String(), id: AnsweredId, title: Type.String() }),
    is_read: Type.Boolean(),
    created_at: AnsweredTime,
  },
  { title: "Notification" },
);
/** Something that its user should know of. */
export type Notification = Static<typeof NotificationSchema>;

export const NotificationPage = List(NotificationSchema);

/** Which notifications. */
export const NotificationListQuery = Type.Object({ ...pageQuery, unread: QueryBoolean() });

/** Which notifications have been read: some, or all. */
export const NotificationsReadBody = Type.Object(
  {
    ids: Type.Optional(Type.Array(Id(), { minItems: 1, maxItems: 100 })),
    all: Type.Optional(Type.Literal(true)),
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
