import { type Static, t } from "elysia";

const Id = t.String({ format: "uuid" });
const Time = t.String({ format: "date-time" });
const nullable = <T extends Parameters<typeof t.Union>[0][number]>(schema: T) => t.Union([schema, t.Null()]);

/** A message, as the asker sees it. */
export const MessageSchema = t.Object(
  {
    id: Id,
    conversation_id: Id,
    seq: t.Integer({ minimum: 1 }),
    type: t.Union([t.Literal("user"), t.Literal("system")]),
    sender_id: nullable(Id),
    recipient_id: nullable(Id),
    content: nullable(t.String()),
    is_read: t.Boolean(),
    parent_id: nullable(Id),
    reply_count: t.Integer({ minimum: 0 }),
    client_id: nullable(t.String()),
    reactions: t.Array(
      t.Object(
        { emoji: t.String(), count: t.Integer(), me: t.Boolean(), user_ids: t.Array(Id) },
        { additionalProperties: false },
      ),
    ),
    mentions: t.Array(Id),
    pinned_at: nullable(Time),
    version: t.Integer({ minimum: 1 }),
    created_at: Time,
    updated_at: Time,
    edited_at: nullable(Time),
    deleted_at: nullable(Time),
  },
  { additionalProperties: false },
);

/** A message, as the asker sees it. */
export type Message = Static<typeof MessageSchema>;
