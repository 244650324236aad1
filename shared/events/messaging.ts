import { Type } from "@sinclair/typebox";
import { added, closed, Id, Nullable } from "./schema.ts";

/** The fields of every event of a message that was sent before. */
const message = { conversation_id: Id, message_id: Id, seq: Type.Integer() };

/**
 * The events of messaging. The aggregate is the conversation, or the user for a notification or a block. No event carries the text
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
  "conversation.updated": closed({ conversation_id: Id, title: added(Nullable(Type.String())) }),
  /**
   * Nobody sees it any more: its project was moved to the trash, and it comes back with it, or the last participant of a
   * group has left.
   */
  "conversation.trashed": closed({ conversation_id: Id }),
  "conversation.restored": closed({ conversation_id: Id }),
  /** A group that nobody was in for 30 days, or whose project was purged, does not come back. What was said there is being deleted. */
  "conversation.purged": closed({ conversation_id: Id }),
  /**
   * Messages of another system were added at its end, as they had been sent there. `source` is that system's name. Events
   * of earlier versions do not say which `seq` they got.
   */
  "conversation.imported": closed({
    conversation_id: Id,
    source: Type.String(),
    messages: Type.Integer(),
    from_seq: Type.Optional(Type.Integer()),
    to_seq: Type.Optional(Type.Integer()),
  }),
  "conversation.participant_added": closed({ conversation_id: Id, user_id: Id }),
  "conversation.participant_removed": closed({ conversation_id: Id, user_id: Id }),
  /** The group belongs to this participant from now on, and to nobody else. */
  "conversation.owner_changed": closed({ conversation_id: Id, user_id: Id }),
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
  /** `version` is the message's after the change. */
  "message.edited": closed({ ...message, version: Type.Integer() }),
  /** The message keeps its place; its text is gone, with what it said before, its reactions and its pin. */
  "message.deleted": closed(message),
  "message.pinned": closed(message),
  "message.unpinned": closed(message),
  "reaction.added": closed({ ...message, emoji: Type.String(), user_id: Id }),
  "reaction.removed": closed({ ...message, emoji: Type.String(), user_id: Id }),
  "read.moved": closed({ conversation_id: Id, user_id: Id, seq: Type.Integer() }),
  /** Messages have been emptied because they are older than messages are kept: all from one `seq` to another. */
  "message.expired": closed({ conversation_id: Id, from_seq: Type.Integer(), to_seq: Type.Integer() }),
  /** Messages have been emptied because their sender wanted it. */
  "message.erased": closed({ conversation_id: Id, user_id: Id, seqs: Type.Array(Type.Integer()) }),
  /** A user wants all that they have written so far to go; the aggregate is the user. It is done in small steps. */
  "erasure.requested": closed({ user_id: Id }),
  "erasure.completed": closed({ user_id: Id }),
  /** What a report is about and who made it; neither the message's text nor the reason. */
  "report.created": closed({ report_id: Id, conversation_id: Id, message_id: Id, reporter_id: Id }),
  /** The note of a report that is resolved, or stays open, has changed. */
  "report.updated": closed({ report_id: Id, conversation_id: Id, message_id: Id }),
  "report.resolved": closed({ report_id: Id, conversation_id: Id, message_id: Id }),
  /**
   * A user sees something no longer because they left its organization (`project`), or because that was deleted
   * (`organization`). What the events of projects say of it follows from those, and has no event here.
   */
  "access.lost": closed({
    user_id: Id,
    object: closed({ type: Type.Union([Type.Literal("project"), Type.Literal("organization")]), id: Id }),
  }),
  /** Someone asked to follow a task, or not to. Other reasons to follow one have no event. The aggregate is the user. */
  "follow.started": closed({ task_id: Id, user_id: Id }),
  "follow.stopped": closed({ task_id: Id, user_id: Id }),
  /** The aggregate is the user who blocks, who alone is told. */
  "block.added": closed({ user_id: Id, blocked_id: Id }),
  "block.removed": closed({ user_id: Id, blocked_id: Id }),
  "notification.created": closed({ notification_id: Id, user_id: Id, kind: Type.String() }),
  /** What they are about is out of the user's reach. `notification_ids` is null when there are more than a hundred. */
  "notification.withdrawn": closed({ user_id: Id, notification_ids: Nullable(Type.Array(Id)) }),
  /** A mail of them was queued. */
  "notification.mailed": closed({ user_id: Id, notification_ids: Type.Array(Id) }),
  "notification.preferences_changed": closed({ user_id: Id }),
  /** `notification_ids` is null when all notifications of that moment were marked as read. */
  "notification.read": closed({ user_id: Id, notification_ids: Nullable(Type.Array(Id)) }),
} as const;
