import { type Static, Type } from "@sinclair/typebox";
import { Id, listQuery, Nullable, OneOf, optional, Patch, QueryList, Text, Time, Version } from "@stoa/http";
import { Message } from "../messages/schema.ts";
import { GROUP_SIZE } from "../participants/group-size.ts";

const types = ["direct", "group", "project"] as const;

/** What the owner of a group says of it. */
const fields = {
  title: Nullable(Text({ max: 255, description: "The title of a group; others have none." })),
};

/** Someone who takes part in a conversation. */
export const Participant = Type.Object(
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
export type Participant = Static<typeof Participant>;

/** A conversation, as a user sees it. */
export const Conversation = Type.Object(
  {
    id: Id(),
    type: OneOf(types, { description: "`project`: its participants follow the project." }),
    ...fields,
    project_id: Nullable(Id({ description: "The project that it belongs to." })),
    participants: Type.Array(Participant),
    last_seq: Type.Integer({ description: "The `seq` of the last message; 0: there is none." }),
    read_seq: Type.Integer({ description: "Up to where you have read." }),
    unread: Type.Integer({ description: "Messages that you have not read." }),
    mentions: Type.Integer({ description: "Those of them that mention you." }),
    last_message: Nullable(Message),
    muted: Type.Boolean({ description: "Whether you have muted it." }),
    version: Version,
    created_at: Time(),
    updated_at: Time(),
  },
  { title: "Conversation" },
);
/** A conversation, as a user sees it. */
export type Conversation = Static<typeof Conversation>;

/** What all who take part in a conversation see alike. */
export const SharedConversation = Type.Pick(Conversation, [
  "id",
  "type",
  "title",
  "project_id",
  "last_seq",
  "version",
  "created_at",
  "updated_at",
]);
/** What all who take part in a conversation see alike. */
export type SharedConversation = Static<typeof SharedConversation>;

/** Body of POST /conversations. */
export const NewConversation = Type.Object(
  {
    type: OneOf(["direct", "group"], { description: "`direct`: with exactly one other user." }),
    participant_ids: Type.Optional(
      Type.Array(Id(), { maxItems: GROUP_SIZE - 1, description: "The others; or send `usernames`." }),
    ),
    usernames: Type.Optional(
      Type.Array(Text({ max: 50 }), {
        maxItems: GROUP_SIZE - 1,
        description: "The others; or send `participant_ids`.",
      }),
    ),
    ...optional(fields),
  },
  { title: "NewConversation" },
);
/** The body of POST /conversations. */
export type NewConversation = Static<typeof NewConversation>;

/** Body of PATCH and PUT /conversations/{id}. */
export const ConversationPatch = Patch(fields, Conversation);
/** A change of a group. */
export type ConversationPatch = Static<typeof ConversationPatch>;
/** The names of the fields that it may change. */
export const conversationFields = Object.keys(fields) as readonly (keyof typeof fields)[];

/** Query of GET /conversations. */
export const ConversationsQuery = listQuery({
  type: QueryList(OneOf(types), { description: "Those of one of these types." }),
  project_id: QueryList(Id(), { description: "The conversations of these projects." }),
});
/** The query of GET /conversations. */
export type ConversationsQuery = Static<typeof ConversationsQuery>;

/** Path of one conversation. */
export const ConversationParams = Type.Object({ id: Id({ description: "A conversation." }) });

/** Path of one participant. */
export const ParticipantParams = Type.Object({
  id: Id({ description: "A group." }),
  user_id: Id({ description: "A user." }),
});

/** Body of PUT /conversations/{id}/participants/{user_id}; without one they take part as they did, new ones as members. */
export const ParticipantChange = Type.Optional(
  Type.Object(
    {
      role: Type.Optional(
        OneOf(["owner", "member"], { description: "`owner`: the group is theirs, and its owner becomes a member." }),
      ),
    },
    { title: "ParticipantChange" },
  ),
);
/** The body of PUT /conversations/{id}/participants/{user_id}. */
export type ParticipantChange = Static<typeof ParticipantChange>;

/** Body of POST /conversations/{id}/read. */
export const ReadMark = Type.Object(
  { seq: Type.Integer({ minimum: 0, description: "The last message that you have read." }) },
  { title: "ReadMark" },
);
