import { type Static, t } from "elysia";
import { MessageSchema } from "../messages/schema.ts";

const Id = t.String({ format: "uuid" });
const Time = t.String({ format: "date-time" });

/** Someone who takes part in a conversation. */
export const ParticipantSchema = t.Object(
  {
    user_id: Id,
    username: t.String(),
    full_name: t.Union([t.String(), t.Null()]),
    role: t.Union([t.Literal("owner"), t.Literal("member")]),
    read_seq: t.Integer({ minimum: 0 }),
  },
  { additionalProperties: false },
);

/** A conversation, as the asker sees it. */
export const ConversationSchema = t.Object(
  {
    id: Id,
    type: t.Union([t.Literal("direct"), t.Literal("group"), t.Literal("project")]),
    title: t.Union([t.String(), t.Null()]),
    project_id: t.Union([Id, t.Null()]),
    participants: t.Array(ParticipantSchema),
    last_seq: t.Integer({ minimum: 0 }),
    read_seq: t.Integer({ minimum: 0 }),
    unread: t.Integer({ minimum: 0 }),
    mentions: t.Integer({ minimum: 0 }),
    last_message: t.Union([MessageSchema, t.Null()]),
    muted: t.Boolean(),
    version: t.Integer({ minimum: 1 }),
    created_at: Time,
    updated_at: Time,
  },
  { additionalProperties: false },
);

/** Someone who takes part in a conversation. */
export type Participant = Static<typeof ParticipantSchema>;
/** A conversation, as the asker sees it. */
export type Conversation = Static<typeof ConversationSchema>;
