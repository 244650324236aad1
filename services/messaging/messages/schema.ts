import { type Static, Type } from "@sinclair/typebox";
import { Id, List, Nullable, OneOf, pageQuery, QueryBoolean, QueryInteger, Text, Time, Version } from "@stoa/http";

const Reaction = Type.Object(
  {
    emoji: Type.String(),
    count: Type.Integer({ description: "How many users reacted with it." }),
    me: Type.Boolean({ description: "Whether you are one of them." }),
    user_ids: Type.Array(Id(), { description: "Who they are." }),
  },
  { title: "Reaction" },
);

/** A message, as the asker sees it. */
export const MessageSchema = Type.Object(
  {
    id: Id(),
    conversation_id: Id({ description: "The conversation that it was sent to." }),
    seq: Type.Integer({ description: "Its number in the conversation, from 1, without holes." }),
    type: OneOf(["user", "system"], { description: "`system`: Stoa says what happened." }),
    sender_id: Nullable(Id({ description: "Null: a system message." })),
    recipient_id: Nullable(Id({ description: "The other user, in a direct conversation." })),
    content: Nullable(Type.String({ description: "Null: the message was deleted." })),
    is_read: Type.Boolean({
      description: "Whether the recipient has read it, in a direct conversation; elsewhere: you.",
    }),
    parent_id: Nullable(Id({ description: "The message that this one answers." })),
    reply_count: Type.Integer({ description: "How many messages answer it." }),
    client_id: Nullable(Type.String({ description: "The sender's own id of the message." })),
    reactions: Type.Array(Reaction),
    mentions: Type.Array(Id(), { description: "The users that it mentions." }),
    pinned_at: Nullable(Time({ description: "Since when it is pinned." })),
    version: Version,
    created_at: Time(),
    updated_at: Time(),
    edited_at: Nullable(Time()),
    deleted_at: Nullable(Time()),
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
export const SendDirectBody = Type.Object(
  { recipient_id: Id({ description: "The user that it is for." }), ...sent },
  { title: "NewDirectMessage" },
);

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
  conversation_id: Type.Optional(Id({ description: "Those of this conversation." })),
  with_user_id: Type.Optional(Id({ description: "Those of the direct conversation with this user." })),
  unread: QueryBoolean({ description: "Only those that you have not read." }),
});

export const UnreadSchema = Type.Object(
  {
    total: Type.Integer({ description: "Unread messages in all." }),
    conversations: Type.Array(
      Type.Object({
        id: Id(),
        unread: Type.Integer({ description: "Messages that you have not read." }),
        mentions: Type.Integer({ description: "Those of them that mention you." }),
      }),
      { description: "Those with something unread." },
    ),
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
