import { Type } from "@sinclair/typebox";
import { closed, Id, Nullable } from "./schema.ts";

/**
 * The events of messaging. The aggregate is the conversation, or the user for a notification. No event carries the text
 * of a message.
 */
export const messagingEvents = {
  "conversation.created": closed({
    conversation_id: Id,
    kind: Type.Union([Type.Literal("direct"), Type.Literal("group"), Type.Literal("project")]),
    project_id: Nullable(Id),
    participant_ids: Type.Array(Id),
  }),
  /** The title after the change. */
  "conversation.updated": closed({ conversation_id: Id, title: Nullable(Type.String()) }),
  /** Its project was moved to the trash, and the conversation with it. Nobody sees it until it is restored. */
  "conversation.trashed": closed({ conversation_id: Id }),
  "conversation.restored": closed({ conversation_id: Id }),
  "conversation.participant_added": closed({ conversation_id: Id, user_id: Id }),
  "conversation.participant_removed": closed({ conversation_id: Id, user_id: Id }),
  "conversation.muted": closed({ conversation_id: Id, user_id: Id }),
  "conversation.unmuted": closed({ conversation_id: Id, user_id: Id }),
  /** It also means that the sender has read up to this message; no `read.moved` follows. */
  "message.sent": closed({
    conversation_id: Id,
    message_id: Id,
    seq: Type.Integer(),
    kind: Type.Union([Type.Literal("user"), Type.Literal("system")]),
    sender_id: Nullable(Id),
    /** An assistant begins to write it: its text follows. */
    status: Type.Optional(Type.Literal("streaming")),
  }),
  /** An assistant's message has ended, and has its text: `message.sent` came when it began. */
  "message.completed": closed({
    conversation_id: Id,
    message_id: Id,
    seq: Type.Integer(),
    status: Type.Union([Type.Literal("complete"), Type.Literal("cancelled"), Type.Literal("failed")]),
    sender_id: Id,
  }),
  "assistant.added": closed({
    conversation_id: Id,
    assistant_id: Id,
    name: Type.String(),
    model: Type.String(),
    trigger: Type.Union([Type.Literal("mention"), Type.Literal("always")]),
  }),
  "assistant.removed": closed({ conversation_id: Id, assistant_id: Id }),
  "read.moved": closed({ conversation_id: Id, user_id: Id, seq: Type.Integer() }),
  "notification.created": closed({ notification_id: Id, user_id: Id, kind: Type.String() }),
  /** `notification_ids` is null when all notifications of that moment were marked as read. */
  "notification.read": closed({ user_id: Id, notification_ids: Nullable(Type.Array(Id)) }),
} as const;
