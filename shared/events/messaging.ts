import { Type } from "@sinclair/typebox";
import { closed, Id, Nullable } from "./schema.ts";

/** Facts of messaging; the aggregate is the conversation (of a notification: its user). No content in any. */
export const messagingEvents = {
  "conversation.created": closed({
    conversation_id: Id,
    kind: Type.Union([Type.Literal("direct"), Type.Literal("group"), Type.Literal("project")]),
    project_id: Nullable(Id),
    participant_ids: Type.Array(Id),
  }),
  "conversation.updated": closed({ conversation_id: Id }),
  "conversation.participant_added": closed({ conversation_id: Id, user_id: Id }),
  "conversation.participant_removed": closed({ conversation_id: Id, user_id: Id }),
  "message.sent": closed({
    conversation_id: Id,
    message_id: Id,
    seq: Type.Integer(),
    kind: Type.Union([Type.Literal("user"), Type.Literal("system")]),
    sender_id: Nullable(Id),
  }),
  "read.moved": closed({ conversation_id: Id, user_id: Id, seq: Type.Integer() }),
  "notification.created": closed({ notification_id: Id, user_id: Id, kind: Type.String() }),
} as const;
