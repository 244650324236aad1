import { type Static, Type } from "@sinclair/typebox";
import { Id, List, Nullable, pageQuery, QueryBoolean, QueryInteger, Text } from "@stoa/http";
import { AnsweredId, AnsweredTime, AnsweredWord, OrNull } from "../wire.ts";

const Reaction = Type.Object(
  {
    emoji: Type.String(),
    count: Type.Integer(),
    me: Type.Boolean(),
    user_ids: Type.Array(AnsweredId),
  },
  { title: "Reaction" },
);

/** A message, as the asker sees it. */
export const MessageSchema = Type.Object(
  {
    id: AnsweredId,
    conversation_id: AnsweredId,
    seq: Type.Integer(),
    type: AnsweredWord(["user", "system"]),
    sender_id: OrNull(AnsweredId),
    recipient_id: OrNull(AnsweredId),
    content: OrNull(Type.String()),
    is_read: Type.Boolean(),
    parent_id: OrNull(AnsweredId),
    reply_count: Type.Integer(),
    client_id: OrNull(Type.String()),
    reactions: Type.Array(Reaction),
    mentions: Type.Array(AnsweredId),
    pinned_at: OrNull(AnsweredTime),
    version: Type.Integer(),
    created_at: AnsweredTime,
    updated_at: AnsweredTime,
    edited_at: OrNull(AnsweredTime),
    deleted_at: OrNull(AnsweredTime),
  },
  { title: "Message" },
);
/** A message, as the asker sees it. */
export type Message = Static<typeof MessageSchema>;

export const MessagePage = List(MessageSchema);

const sent = {
  content: Text({ max: 16_000, description: "The message's text." }),
  parent_id: Type.Optional(Nullable(Id({ description: "The message that this one answers." }))),
  client_id: Type.Optional(
    Nullable(
      Text({ max: 255, description: "The sender's own id of the message: sent again, it is the same message." }),
    ),
  ),
};

/** What is sent to a conversation. */
export const SendBody = Type.Object(sent, { title: "NewMessage" });
/** What is sent to a person. */
export const SendDirectBody = Type.Object({ recipient_id: Id(), ...sent }, { title: "NewDirectMessage" });

const Seq = (description: string) => QueryInteger({ minimum: 0, description });

/** Which messages of a conversation. */
export const MessageListQuery = Type.Object({
  ...pageQuery,
  before_seq: Seq("The page just before this seq."),
  after_seq: Seq("The page just after this seq."),
  around_seq: Seq("The page around this seq."),
  parent_id: Type.Optional(Id({ description: "Only the replies to this message." })),
});

/** Which of one's messages. */
export const MyMessageListQuery = Type.Object({
  ...pageQuery,
  conversation_id: Type.Optional(Id()),
  with_user_id: Type.Optional(Id()),
  unread: QueryBoolean({ description: "Only what is not read." }),
});

export const UnreadSchema = Type.Object(
  {
    total: Type.Integer(),
    conversations: Type.Array(Type.Object({ id: AnsweredId, unread: Type.Integer(), mentions: Type.Integer() })),
  },
  { title: "Unread" },
);

/** A message as the documentation shows it. */
export const messageExample: Message = {
  id: "0195f0a0-7c1e-7b52-9f5e-2f6f3f0c9a11",
  conversation_id: "0195f09f-01d2-7a3b-8c11-5d8f0e7b6a22",
  seq: 42,
  type: "user",
  sender_id: "0195f09a-5b6c-7d8e-9f00-112233445566",
  recipient_id: null,
  content: "The plan is ready.",
  is_read: true,
  parent_id: null,
  reply_count: 0,
  client_id: "phone-17",
  reactions: [],
  mentions: [],
  pinned_at: null,
  version: 1,
  created_at: "2026-11-20T09:00:00.000Z",
  updated_at: "2026-11-20T09:00:00.000Z",
  edited_at: null,
  deleted_at: null,
};
