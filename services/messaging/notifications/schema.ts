import { type Static, t } from "elysia";

const Id = t.String({ format: "uuid" });

/** Something that its user should know of. */
export const NotificationSchema = t.Object(
  {
    id: Id,
    kind: t.Union([t.Literal("assigned"), t.Literal("mentioned"), t.Literal("invited"), t.Literal("replied")]),
    actor_id: t.Union([Id, t.Null()]),
    object: t.Object({ type: t.String(), id: Id, title: t.String() }, { additionalProperties: false }),
    is_read: t.Boolean(),
    created_at: t.String({ format: "date-time" }),
  },
  { additionalProperties: false },
);

/** Something that its user should know of. */
export type Notification = Static<typeof NotificationSchema>;
