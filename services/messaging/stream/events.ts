import { type TObject, type TSchema, Type } from "@sinclair/typebox";
import { Id } from "@stoa/http";
import { Conversation } from "../conversations/schema.ts";
import { Presence, Typing } from "../live/schema.ts";
import { Message } from "../messages/schema.ts";
import { Notification } from "../notifications/schema.ts";

const conversation_id = Id({ description: "The conversation that it happened in." });
const user_id = Id({ description: "The user whom it concerns." });
const id = Type.String({ description: "Its position: send it as `Last-Event-ID` to go on after it." });
const position = Type.String({ description: "Where the stream begins: the same as the event's id." });

const Position = Type.Object({ position }, { title: "StreamPosition" });
const Gone = Type.Object({ conversation_id }, { title: "ConversationGone" });
const SeenConversation = Type.Object(
  { ...Conversation.properties, conversation_id },
  { title: "StreamedConversation", description: "The conversation as the receiver sees it now." },
);
const WithUser = Type.Object(
  { ...SeenConversation.properties, user_id },
  { title: "ConversationAndUser", description: "The conversation as the receiver sees it now, and the user." },
);
const Left = Type.Object(
  { conversation_id, user_id },
  { title: "ConversationLeft", description: "For the user who takes part no more." },
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
  "conversation.created": { data: SeenConversation, means: "A conversation began with the receiver in it." },
  "conversation.updated": { data: SeenConversation, means: "The title of a conversation changed." },
  "conversation.restored": {
    data: SeenConversation,
    means: "The conversation of a project came back from the trash with it.",
  },
  "conversation.trashed": { data: Gone, means: "The conversation of a project went to the trash with it." },
  "conversation.owner_changed": { data: WithUser, means: "A group belongs to someone else from now on." },
  "conversation.participant_added": {
    data: WithUser,
    means: "Someone takes part in a conversation from now on: the receiver, or another user.",
  },
  "conversation.participant_removed": {
    data: Type.Union([WithUser, Left]),
    means: "Someone takes part in a conversation no more: the receiver, or another user.",
  },
  "conversation.muted": { data: SeenConversation, means: "The receiver muted a conversation." },
  "conversation.unmuted": { data: SeenConversation, means: "The receiver muted a conversation no more." },
  "message.sent": { data: Message, means: "A message was sent, by the receiver or by another participant." },
  "message.edited": { data: Message, means: "What a message says was changed." },
  "message.deleted": { data: Message, means: "A message was deleted: it keeps its place, without its text." },
  "message.pinned": { data: Message, means: "A message was pinned." },
  "message.unpinned": { data: Message, means: "The pin of a message was taken off." },
  "reaction.added": { data: Reacted, means: "Someone reacted to a message." },
  "reaction.removed": { data: Reacted, means: "Someone took a reaction back." },
  "read.moved": { data: ReadMoved, means: "A participant has read up to a message." },
  "block.added": { data: Blocked, means: "The receiver has blocked someone." },
  "block.removed": { data: Blocked, means: "The receiver has blocked someone no more." },
  "notification.created": { data: Notification, means: "The receiver has a new notification." },
  "notification.withdrawn": {
    data: NotificationsWithdrawn,
    means: "Notifications of the receiver are no more: what they were about is out of reach.",
  },
  "notification.read": { data: NotificationsWereRead, means: "The receiver has marked notifications as read." },
  typing: { data: Typing, means: "Someone types in the conversation that the receiver has open. Sockets only, no id." },
  presence: { data: Presence, means: "Someone whom the receiver asked about came or went. Sockets only, no id." },
} as const satisfies Readonly<Record<string, { readonly data: TSchema; readonly means: string }>>;

/** Those that are never stored: they have no id, and a client that reads slowly does not get them. */
export const ephemeralEvents: ReadonlySet<string> = new Set(["typing", "presence"] satisfies StreamEventName[]);

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

/** `message.sent` → `MessageSent`. */
function titleOf(name: string): string {
  return name.replaceAll(/(?:^|[._])(\w)/g, (_, letter: string) => letter.toUpperCase());
}
