import { type Static, Type } from "@sinclair/typebox";
import { Id, listQuery, Nullable, OneOf, QueryBoolean, QueryInteger, Text, Time } from "@stoa/http";

const Reaction = Type.Object(
  {
    emoji: Type.String(),
    count: Type.Integer(),
    me: Type.Boolean(),
    user_ids: Type.Array(Id()),
  },
  { title: "Reaction" },
);

/** A message, as a user sees it. */
export const Message = Type.Object(
  {
    id: Id(),
    conversation_id: Id(),
    seq: Type.Integer(),
    type: OneOf(["user", "system"]),
    sender_id: Nullable(Id()),
    recipient_id: Nullable(Id()),
    content: Nullable(Type.String()),
    is_read: Type.Boolean(),
    parent_id: Nullable(Id()),
    reply_count: Type.Integer(),
    client_id: Nullable(Type.String()),
    reactions: Type.Array(Reaction),
    mentions: Type.Array(Id()),
    pinned_at: Nullable(Time()),
    version: Type.Integer(),
    created_at: Time(),
    updated_at: Time(),
    edited_at: Nullable(Time()),
    deleted_at: Nullable(Time()),
  },
  { title: "Message" },
);
/** A message, as a user sees it. */
export type Message = Static<typeof Message>;

const fields = {
  content: Text({ max: 16_000, lines: true, description: "The message's text." }),
  parent_id: Type.Optional(Nullable(Id({ description: "The message that this one answers." }))),
  client_id: Type.Optional(
    Nullable(
      Text({ max: 255, description: "The sender's own id of the message: sent again, it is the same message." }),
    ),
  ),
};

/** Body of POST /conversations/{id}/messages. */
export const NewMessage = Type.Object(fields, { title: "NewMessage" });
/** A message to be. */
export type NewMessage = Static<typeof NewMessage>;

/** Body of POST /messages. */
export const NewDirectMessage = Type.Object({ recipient_id: Id(), ...fields }, { title: "NewDirectMessage" });
/** A direct message to be. */
export type NewDirectMessage = Static<typeof NewDirectMessage>;

const Seq = (description: string) => QueryInteger({ minimum: 0, description });

/** Query of GET /conversations/{id}/messages. */
export const ConversationMessagesQuery = listQuery({
  before_seq: Seq("The page just before this seq."),
  after_seq: Seq("The page just after this seq."),
  around_seq: Seq("The page around this seq."),
  parent_id: Type.Optional(Id({ description: "Only the replies to this message." })),
});
/** Which messages of a conversation: at most one of the three `…_seq`, and perhaps only the replies to one. */
export type ConversationMessagesQuery = Static<typeof ConversationMessagesQuery>;

/** Query of GET /messages. */
export const MessagesQuery = listQuery({
  conversation_id: Type.Optional(Id()),
  with_user_id: Type.Optional(Id()),
  unread: QueryBoolean({ description: "Only what is not read." }),
});
/** Which messages of a user: of one conversation, with one person, or all; perhaps only the unread. */
export type MessagesQuery = Static<typeof MessagesQuery>;

/** Path of one message. */
export const MessageParams = Type.Object({ id: Id() });

/** What a user has not read. */
export const Unread = Type.Object(
  {
    total: Type.Integer(),
    conversations: Type.Array(Type.Object({ id: Id(), unread: Type.Integer(), mentions: Type.Integer() })),
  },
  { title: "Unread" },
);
/** What a user has not read. */
export type Unread = Static<typeof Unread>;
