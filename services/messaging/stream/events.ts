import { type TObject, type TSchema, Type } from "@sinclair/typebox";
import { Id, OneOf } from "@stoa/http";
import { Assistant } from "../assistants/schema.ts";
import { Conversation, Participant, SharedConversation } from "../conversations/schema.ts";
import { Presence, Typing } from "../live/schema.ts";
import { Message } from "../messages/schema.ts";
import { Notification } from "../notifications/schema.ts";
import { titleOf, workStreamEvents } from "../work/stream-events.ts";

const conversation_id = Id({ description: "The conversation that it happened in." });
const user_id = Id({ description: "The user whom it concerns." });
const id = Type.String({ description: "Its position: send it as `Last-Event-ID` to go on after it." });
const position = Type.String({ description: "Where the stream begins: the same as the event's id." });

const Position = Type.Object({ position }, { title: "StreamPosition" });
const version = Conversation.properties.version;
const updated_at = Conversation.properties.updated_at;

const Gone = Type.Object({ conversation_id }, { title: "ConversationGone" });
const Shared = Type.Object(
  { ...SharedConversation.properties, conversation_id },
  { title: "ConversationBack", description: "What all who take part see alike; GET it for the rest." },
);
const Begun = Type.Object(
  {
    ...Shared.properties,
    participants: Type.Optional(
      Type.Array(Participant, {
        description: "Both, in a direct conversation. Those of others: GET the conversation.",
      }),
    ),
  },
  { title: "ConversationBegun", description: "What all who take part see alike." },
);
const Changed = Type.Object(
  { conversation_id, title: Conversation.properties.title, version, updated_at },
  { title: "ConversationChanged" },
);
const Joined = Type.Object(
  { conversation_id, user_id, participant: Participant, version, updated_at },
  { title: "ParticipantAdded", description: "Who it is. Whoever joins GETs the conversation." },
);
const WithoutThem = Type.Object(
  { conversation_id, user_id, version, updated_at },
  { title: "ParticipantRemoved", description: "For those who stay." },
);
const Imported = Type.Object(
  {
    conversation_id,
    from_seq: Type.Integer({ description: "The first of them: GET the messages after the one before it." }),
    to_seq: Type.Integer({ description: "The last of them." }),
    updated_at,
  },
  { title: "MessagesImported" },
);
const HandedOver = Type.Object(
  { conversation_id, user_id: Id({ description: "The new owner." }), version, updated_at },
  { title: "ConversationHandedOver" },
);
const Left = Type.Object(
  { conversation_id, user_id },
  { title: "ConversationLeft", description: "For the user who takes part no more." },
);
const Muted = Type.Object(
  { conversation_id, muted: Type.Boolean({ description: "Whether the receiver has muted it." }) },
  { title: "ConversationMuted" },
);
const Reacted = Type.Object(
  {
    ...Message.properties,
    emoji: Type.String({ description: "The emoji of the reaction that came or went." }),
    user_id: Id({ description: "Whose reaction it is." }),
  },
  { title: "StreamedReaction", description: "The message as the receiver sees it now, and the reaction." },
);
const ReadMoved = Type.Object(
  {
    conversation_id,
    user_id: Id({ description: "The participant who has read." }),
    seq: Type.Integer({ description: "Up to where they have read." }),
    read_seq: Type.Integer({ description: "The same as `seq`." }),
  },
  { title: "ReadMoved" },
);
const NotificationsWereRead = Type.Object(
  {
    user_id: Id({ description: "The receiver." }),
    notification_ids: Type.Union([Type.Array(Id()), Type.Null()], { description: "Null: all that there were." }),
  },
  { title: "NotificationsWereRead" },
);

const Expired = Type.Object(
  {
    conversation_id,
    from_seq: Type.Integer({ description: "The first of them." }),
    to_seq: Type.Integer({ description: "The last of them." }),
  },
  { title: "MessagesExpired" },
);
const Erased = Type.Object(
  {
    conversation_id,
    user_id: Id({ description: "Who had sent them." }),
    seqs: Type.Array(Type.Integer(), { description: "Which they are, by their `seq`." }),
  },
  { title: "MessagesErased" },
);

const AccessLost = Type.Object(
  {
    object: Type.Object(
      {
        type: OneOf(["project", "task", "organization"], { description: "What kind of thing it is." }),
        id: Id({ description: "Which one." }),
      },
      { description: "What the receiver sees no longer." },
    ),
  },
  { title: "AccessLost" },
);

const MessageDelta = Type.Object(
  {
    conversation_id,
    message_id: Id({ description: "The message that is being written." }),
    offset: Type.Integer({
      description:
        "Where the piece begins in the text, in code points. The first that a client gets begins at 0: the text so far.",
    }),
    text: Type.String({ description: "The piece." }),
  },
  { title: "MessageDelta" },
);

const Blocked = Type.Object(
  { user_id: Id({ description: "The receiver." }), blocked_id: Id({ description: "Whom they blocked." }) },
  { title: "BlockChanged" },
);

const NotificationsWithdrawn = Type.Object(
  {
    user_id: Id({ description: "The receiver." }),
    notification_ids: Type.Union([Type.Array(Id()), Type.Null()], { description: "Null: many. Read the list anew." }),
  },
  { title: "NotificationsWithdrawn" },
);

/** The events of the stream by name: what their data is, and what each means. */
export const streamEvents = {
  ready: { data: Position, means: "The stream begins here." },
  reset: {
    data: Position,
    means: "The position that was asked for cannot be resumed: read everything anew. The stream begins here.",
  },
  "conversation.created": { data: Begun, means: "A conversation began with the receiver in it." },
  "conversation.updated": { data: Changed, means: "The title of a conversation changed." },
  "conversation.restored": {
    data: Shared,
    means: "The conversation of a project came back from the trash with it.",
  },
  "conversation.trashed": {
    data: Gone,
    means: "The conversation of a project went to the trash with it, or nobody is left in a group.",
  },
  "conversation.imported": {
    data: Imported,
    means:
      "Messages of another system were added at the end of a conversation, all between two `seq`. They are not sent one by one, and for whoever had read all they count as read.",
  },
  "conversation.owner_changed": { data: HandedOver, means: "A group belongs to someone else from now on." },
  "conversation.participant_added": {
    data: Joined,
    means: "Someone takes part in a conversation from now on: the receiver, or another user.",
  },
  "conversation.participant_removed": {
    data: Type.Union([WithoutThem, Left]),
    means: "Someone takes part in a conversation no more: the receiver, or another user.",
  },
  "conversation.muted": { data: Muted, means: "The receiver muted a conversation." },
  "conversation.unmuted": { data: Muted, means: "The receiver muted a conversation no more." },
  "message.sent": { data: Message, means: "A message was sent, by the receiver or by another participant." },
  "message.completed": {
    data: Message,
    means:
      "An assistant's message has ended: `status` says how. It has its whole text, which takes the place of the pieces.",
  },
  "message.delta": {
    data: MessageDelta,
    means: "A piece of a message that an assistant is writing. It has no position and is not sent again.",
  },
  "assistant.added": { data: Assistant, means: "An assistant takes part in a conversation from now on." },
  "assistant.removed": { data: Assistant, means: "An assistant takes part in a conversation no more." },
  "message.edited": { data: Message, means: "What a message says was changed." },
  "message.deleted": { data: Message, means: "A message was deleted: it keeps its place, without its text." },
  "message.pinned": { data: Message, means: "A message was pinned." },
  "message.unpinned": { data: Message, means: "The pin of a message was taken off." },
  "reaction.added": { data: Reacted, means: "Someone reacted to a message." },
  "reaction.removed": { data: Reacted, means: "Someone took a reaction back." },
  "read.moved": {
    data: ReadMoved,
    means:
      "A participant has read up to a message; at most once a second, and of a conversation with more than 100 people only the receiver's own.",
  },
  ...workStreamEvents,
  "access.lost": {
    data: AccessLost,
    means:
      "Something is out of the receiver's reach: drop it with all that belongs to it. A project has its tasks; an organization was deleted, and has the projects that the receiver is no member of themselves.",
  },
  "message.expired": { data: Expired, means: "Messages are gone because of their age: all between two `seq`." },
  "message.erased": { data: Erased, means: "A participant, present or past, has erased messages of theirs." },
  "block.added": { data: Blocked, means: "The receiver has blocked someone." },
  "block.removed": { data: Blocked, means: "The receiver has blocked someone no more." },
  "notification.created": {
    data: Notification,
    means: "The receiver has a new notification, or one that they had is for another reason now: it has the same `id`.",
  },
  "notification.withdrawn": {
    data: NotificationsWithdrawn,
    means: "Notifications of the receiver are no more: what they were about is out of reach.",
  },
  "notification.read": { data: NotificationsWereRead, means: "The receiver has marked notifications as read." },
  typing: { data: Typing, means: "Someone types in the conversation that the receiver has open. Sockets only, no id." },
  presence: { data: Presence, means: "Someone whom the receiver asked about came or went. Sockets only, no id." },
} as const satisfies Readonly<Record<string, { readonly data: TSchema; readonly means: string }>>;

/** Those that are never stored: they have no id, and a client that reads slowly does not get them. */
export const ephemeralEvents: ReadonlySet<string> = new Set([
  "typing",
  "presence",
  "message.delta",
] satisfies StreamEventName[]);

/** The name of an event of the stream. */
export type StreamEventName = keyof typeof streamEvents;

/** Every event of the stream, as a document shows it: one schema each. */
export const StreamEvent = Type.Union((Object.keys(streamEvents) as StreamEventName[]).map(eventSchema), {
  title: "StreamEvent",
  description: "An event of the stream. `event` says which one it is.",
  discriminator: { propertyName: "event" },
});

function eventSchema(name: StreamEventName): TObject {
  const { data, means } = streamEvents[name];
  return Type.Object(
    {
      ...(ephemeralEvents.has(name) ? {} : { id }),
      event: Type.Literal(name),
      data,
    },
    { title: `${titleOf(name)}Event`, description: means },
  );
}
