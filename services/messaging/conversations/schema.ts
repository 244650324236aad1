import { type Static, Type } from "@sinclair/typebox";
import { Id, List, Nullable, OneOf, pageQuery, QueryOneOf, Text, Time, Version } from "@stoa/http";
import { MessageSchema, messageExample } from "../messages/schema.ts";

/** Someone who takes part in a conversation. */
export const ParticipantSchema = Type.Object(
  {
    user_id: Id({ description: "The participant." }),
    username: Nullable(Type.String()),
    full_name: Nullable(Type.String()),
    role: OneOf(["owner", "member"]),
    read_seq: Type.Integer({ description: "Up to where they have read." }),
  },
  { title: "Participant" },
);
/** Someone who takes part in a conversation. */
export type Participant = Static<typeof ParticipantSchema>;

/** A conversation, as the asker sees it. */
export const ConversationSchema = Type.Object(
  {
    id: Id(),
    type: OneOf(["direct", "group", "project"], { description: "`project`: its participants follow the project." }),
    title: Nullable(Type.String({ description: "A direct conversation has none." })),
    project_id: Nullable(Id({ description: "The project that it belongs to." })),
    participants: Type.Array(ParticipantSchema),
    last_seq: Type.Integer({ description: "The `seq` of the last message; 0: there is none." }),
    read_seq: Type.Integer({ description: "Up to where you have read." }),
    unread: Type.Integer({ description: "Messages that you have not read." }),
    mentions: Type.Integer({ description: "Those of them that mention you." }),
    last_message: Nullable(MessageSchema),
    muted: Type.Boolean({ description: "Whether you have muted it." }),
    version: Version,
    created_at: Time(),
    updated_at: Time(),
  },
  { title: "Conversation" },
);
/** A conversation, as the asker sees it. */
export type Conversation = Static<typeof ConversationSchema>;

export const ConversationPage = List(ConversationSchema);

/** What a conversation is made of. */
export const NewConversationBody = Type.Object(
  {
    type: OneOf(["direct", "group"], { description: "`direct`: with exactly one other user." }),
    participant_ids: Type.Optional(
      Type.Array(Id(), { maxItems: 100, description: "The others; or send `usernames`." }),
    ),
    usernames: Type.Optional(
      Type.Array(Text({ max: 50 }), { maxItems: 100, description: "The others; or send `participant_ids`." }),
    ),
    title: Type.Optional(Nullable(Text({ max: 255, description: "The title of a group." }))),
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
      ].map((name) => [name, Type.Unknown({ readOnly: true })]),
    ),
  }),
  { title: "ConversationPatch" },
);

/** Which conversations. */
export const ConversationListQuery = Type.Object({
  ...pageQuery,
  type: QueryOneOf(["direct", "group", "project"], { description: "Those of this type." }),
  project_id: Type.Optional(Id({ description: "The conversation of this project." })),
});

/** How far someone has read. */
export const ReadBody = Type.Object(
  { seq: Type.Integer({ minimum: 0, description: "The last message that you have read." }) },
  { title: "ReadMark" },
);

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
