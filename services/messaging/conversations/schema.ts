import { type Static, Type } from "@sinclair/typebox";
import { Id, List, Nullable, OneOf, pageQuery, QueryOneOf, Text } from "@stoa/http";
import { MessageSchema, messageExample } from "../messages/schema.ts";
import { AnsweredId, AnsweredTime, AnsweredWord, OrNull } from "../wire.ts";

/** Someone who takes part in a conversation. */
export const ParticipantSchema = Type.Object(
  {
    user_id: AnsweredId,
    username: OrNull(Type.String()),
    full_name: OrNull(Type.String()),
    role: AnsweredWord(["owner", "member"]),
    read_seq: Type.Integer(),
  },
  { title: "Participant" },
);
/** Someone who takes part in a conversation. */
export type Participant = Static<typeof ParticipantSchema>;

/** A conversation, as the asker sees it. */
export const ConversationSchema = Type.Object(
  {
    id: AnsweredId,
    type: AnsweredWord(["direct", "group", "project"]),
    title: OrNull(Type.String()),
    project_id: OrNull(AnsweredId),
    participants: Type.Array(ParticipantSchema),
    last_seq: Type.Integer(),
    read_seq: Type.Integer(),
    unread: Type.Integer(),
    mentions: Type.Integer(),
    last_message: OrNull(MessageSchema),
    muted: Type.Boolean(),
    version: Type.Integer(),
    created_at: AnsweredTime,
    updated_at: AnsweredTime,
  },
  { title: "Conversation" },
);
/** A conversation, as the asker sees it. */
export type Conversation = Static<typeof ConversationSchema>;

export const ConversationPage = List(ConversationSchema);

/** What a conversation is made of. */
export const NewConversationBody = Type.Object(
  {
    type: OneOf(["direct", "group"]),
    participant_ids: Type.Optional(Type.Array(Id(), { maxItems: 100 })),
    usernames: Type.Optional(Type.Array(Text({ max: 50 }), { maxItems: 100 })),
    title: Type.Optional(Nullable(Text({ max: 255, description: "Of a group." }))),
  },
  { title: "NewConversation" },
);

/** A group's title; read-only fields may come along as they are. */
export const ConversationPatch = Type.Partial(
  Type.Object({
    title: Nullable(Text({ max: 255 })),
    ...Object.fromEntries(
      [
        "id",
        "type",
        "project_id",
        "participants",
        "last_seq",
        "read_seq",
        "unread",
        "mentions",
        "last_message",
        "muted",
      ].map((name) => [name, Type.Unknown()]),
    ),
  }),
  { title: "ConversationPatch" },
);

/** Which conversations. */
export const ConversationListQuery = Type.Object({
  ...pageQuery,
  type: QueryOneOf(["direct", "group", "project"]),
  project_id: Type.Optional(Id({ description: "The conversation of this project." })),
});

/** How far someone has read. */
export const ReadBody = Type.Object({ seq: Type.Integer({ minimum: 0 }) }, { title: "ReadMark" });

/** A conversation as the documentation shows it. */
export const conversationExample: Conversation = {
  id: messageExample.conversation_id,
  type: "group",
  title: "Launch",
  project_id: null,
  participants: [
    {
      user_id: "0195f09a-5b6c-7d8e-9f00-112233445566",
      username: "ann",
      full_name: "Ann Ames",
      role: "owner",
      read_seq: 42,
    },
  ],
  last_seq: 42,
  read_seq: 42,
  unread: 0,
  mentions: 0,
  last_message: messageExample,
  muted: false,
  version: 1,
  created_at: "2026-11-20T08:00:00.000Z",
  updated_at: "2026-11-20T09:00:00.000Z",
};
