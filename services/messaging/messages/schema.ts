import { type Static, Type } from "@sinclair/typebox";
import {
  Id,
  List,
  listQuery,
  Nullable,
  OneOf,
  Patch,
  QueryBoolean,
  QueryInteger,
  QueryList,
  QueryUsers,
  Reference,
  Text,
  Time,
  Version,
} from "@stoa/http";

import { Reaction } from "../reactions/schema.ts";

/** A message, as a user sees it. */
export const Message = Type.Object(
  {
    id: Id(),
    conversation_id: Id({ description: "The conversation that it was sent to." }),
    task_id: Nullable(Id({ description: "The task that it is about, in the conversation of a project." })),
    status: OneOf(["complete", "streaming", "cancelled", "failed"], {
      description: "Whether it is all there: the answer of an assistant grows while it is `streaming`.",
    }),
    seq: Type.Integer({ description: "Its number in the conversation, from 1, without holes." }),
    type: OneOf(["user", "system"], { description: "`system`: Stoa says what happened." }),
    sender_id: Nullable(Id({ description: "Null: a system message. An assistant's message has the assistant's id." })),
    recipient_id: Nullable(Id({ description: "The other user, in a direct conversation." })),
    content: Nullable(Type.String({ description: "Null: the message was deleted.", untrimmed: true })),
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
/** A message, as a user sees it. */
export type Message = Static<typeof Message>;

const written = {
  content: Text({
    max: 16_000,
    lines: true,
    untrimmed: true,
    description: "The message's text, kept as it is given apart from NFC.",
  }),
};

const fields = {
  ...written,
  parent_id: Type.Optional(Nullable(Id({ description: "The message that this one answers." }))),
  client_id: Type.Optional(
    Nullable(
      Text({ max: 255, description: "The sender's own id of the message: sent again, it is the same message." }),
    ),
  ),
};

/** Body of POST /conversations/{id}/messages. */
export const NewMessage = Type.Object(
  {
    ...fields,
    task_id: Type.Optional(
      Nullable(Id({ description: "The task that it is about: one of the project whose conversation this is." })),
    ),
  },
  { title: "NewMessage" },
);
/** The body of POST /conversations/{id}/messages. */
export type NewMessage = Static<typeof NewMessage>;

/** Body of POST /messages. */
export const NewDirectMessage = Type.Object(
  { recipient_id: Id({ description: "The user that it is for." }), ...fields },
  { title: "NewDirectMessage" },
);
/** The body of POST /messages. */
export type NewDirectMessage = Static<typeof NewDirectMessage>;

/** A task in a query: an id, or `none` for what is about no task. */
const TaskOrNone = (options: { description?: string } = {}) => Reference(["none"], options);

/** Body of PATCH and PUT /messages/{id}. */
export const MessagePatch = Patch(written, Message);
/** A change of a message. */
export type MessagePatch = Static<typeof MessagePatch>;
/** The names of the fields that it may change. */
export const messageFields = Object.keys(written) as readonly (keyof typeof written)[];

const Seq = (description: string) => QueryInteger({ minimum: 0, description });

/** Query of GET /conversations/{id}/messages. */
export const ConversationMessagesQuery = listQuery({
  before_seq: Seq("The page just before this seq."),
  after_seq: Seq("The page just after this seq."),
  around_seq: Seq("The page around this seq."),
  parent_id: QueryList(Id(), { description: "Only the replies to one of these messages." }),
  task_id: QueryList(TaskOrNone(), {
    description: "Only those about one of these tasks; `none`: those about no task.",
  }),
  pinned: QueryBoolean({ description: "Only those that are pinned; `false`: only others." }),
});
/** The query of GET /conversations/{id}/messages. */
export type ConversationMessagesQuery = Static<typeof ConversationMessagesQuery>;

/** A page of a conversation: it can be left on both sides. */
export const MessagesPage = Type.Object(
  {
    ...List(Message).properties,
    prev_cursor: Nullable(
      Type.String({
        description:
          "Send it as `cursor` for the page on the other side: newer messages, or older ones with `after_seq`.",
      }),
    ),
  },
  { title: "ConversationMessagesPage", additionalProperties: false },
);
/** A page of a conversation. */
export type MessagesPage = Static<typeof MessagesPage>;

/** Query of GET /messages. */
export const MessagesQuery = listQuery({
  conversation_id: Type.Optional(Id({ description: "Those of this conversation." })),
  task_id: Type.Optional(
    TaskOrNone({
      description:
        "Those about this task, in whatever conversation they were sent: for whoever sees the task. `none`: those about no task.",
    }),
  ),
  with_user_id: QueryUsers({
    description: "Those of the direct conversations with these users; nobody has one with themselves, or with nobody.",
  }),
  unread: QueryBoolean({ description: "Only those that you have not read." }),
});
/** The query of GET /messages. */
export type MessagesQuery = Static<typeof MessagesQuery>;

/** A message that a search found, and where it has what was looked for. */
export const FoundMessage = Type.Object(
  {
    ...Message.properties,
    matches: Type.Array(
      Type.Object(
        {
          offset: Type.Integer({ description: "Where in `content` it begins, in code points from 0." }),
          length: Type.Integer({ description: "How many code points it has." }),
        },
        { title: "TextMatch" },
      ),
      { description: "Where the text has what was looked for, in its order: at most 100." },
    ),
  },
  { title: "FoundMessage" },
);
/** A message that a search found. */
export type FoundMessage = Static<typeof FoundMessage>;

/** Query of GET /messages/search. */
export const MessageSearchQuery = listQuery({
  q: Text({
    max: 255,
    description:
      "Words parted by spaces, all of which are in the text: three characters and more anywhere, fewer where a word begins; Chinese, Japanese and Korean characters anywhere.",
  }),
  conversation_id: QueryList(Id(), { description: "Those of one of these conversations." }),
  sender_id: QueryUsers({ description: "Those that one of these sent." }),
  task_id: QueryList(TaskOrNone(), { description: "Those about one of these tasks; `none`: those about no task." }),
  since: Type.Optional(Time({ description: "Those from this moment on." })),
  until: Type.Optional(Time({ description: "Those before this moment." })),
});
/** The query of GET /messages/search. */
export type MessageSearchQuery = Static<typeof MessageSearchQuery>;

/** Query of GET /messages/counts. */
export const CountsQuery = Type.Object({
  task_ids: Type.Array(Id(), { minItems: 1, maxItems: 200, description: "The tasks, parted by commas." }),
});

/** How much is said about tasks. */
export const MessageCounts = Type.Object(
  {
    items: Type.Array(
      Type.Object({
        task_id: Id({ description: "The task." }),
        count: Type.Integer({ description: "Messages about it, less deleted ones." }),
      }),
      { description: "Those of the tasks that you see, in the order in which you asked for them." },
    ),
  },
  { title: "MessageCounts" },
);
/** How much is said about tasks. */
export type MessageCounts = Static<typeof MessageCounts>;

/** Path of one message. */
export const MessageParams = Type.Object({ id: Id({ description: "A message." }) });

/** What a user has not read. */
export const Unread = Type.Object(
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
/** What a user has not read. */
export type Unread = Static<typeof Unread>;
