import type { EventNameOf } from "@stoa/events";
import { conversationsOf } from "../../conversations/read.ts";
import type { Conversation } from "../../conversations/schema.ts";
import type { StreamRow } from "../rows.ts";
import type { Attendances, Family } from "./family.ts";

/** What the database says of the conversations of a batch. */
interface Known {
  readonly users: ReadonlySet<string>;
  readonly attendances: Attendances;
  /** As each of those who take part sees it, by `<conversation> <user>`. */
  readonly conversations: ReadonlyMap<string, Conversation>;
}

type Deliver = (row: StreamRow, known: Known) => Generator<readonly [user_id: string, data: string]>;

/** Everyone in the conversation gets it as they see it. */
const toEveryone: Deliver = function* (row, known) {
  for (const { user_id } of known.attendances.get(row.aggregate_id) ?? []) yield* shown(row, known, user_id);
};

/**
 * The participants with whom a conversation began get it. Those who came later are told by `participant_added`, also
 * when a stream that was cut goes on.
 */
const toFirst: Deliver = function* (row, known) {
  const { participant_ids } = JSON.parse(row.data) as { participant_ids: readonly string[] };
  for (const user_id of participant_ids) if (known.users.has(user_id)) yield* shown(row, known, user_id);
};

/** Only the user whom the event concerns gets the conversation. */
const toOne: Deliver = function* (row, known) {
  if (row.entity_id !== null && known.users.has(row.entity_id)) yield* shown(row, known, row.entity_id);
};

/**
 * Everyone is told who came or went, except in a direct conversation: there only the user who left it or came back is.
 * A user who was removed no longer sees the conversation and gets its id alone.
 */
const toEveryoneAndOne: Deliver = function* (row, known) {
  const conversation_id = row.aggregate_id;
  const concerned = row.entity_id ?? "";
  for (const { user_id, type } of known.attendances.get(conversation_id) ?? []) {
    if (type !== "direct" || user_id === concerned) yield* shown(row, known, user_id, { user_id: concerned });
  }
  const gone = !known.conversations.has(`${conversation_id} ${concerned}`);
  if (row.type === "conversation.participant_removed" && gone && known.users.has(concerned)) {
    yield [concerned, JSON.stringify({ conversation_id, user_id: concerned })];
  }
};

/** Everyone is told whose the group is now. */
const toEveryoneWithOwner: Deliver = function* (row, known) {
  const { user_id: owner } = JSON.parse(row.data) as { user_id: string };
  for (const { user_id } of known.attendances.get(row.aggregate_id) ?? []) {
    yield* shown(row, known, user_id, { user_id: owner });
  }
};

/** Everyone who was in the conversation gets its id: nobody sees more of it in the trash. */
const idToEveryone: Deliver = function* (row, known) {
  const data = JSON.stringify({ conversation_id: row.aggregate_id });
  for (const { user_id } of known.attendances.get(row.aggregate_id) ?? []) yield [user_id, data];
};

const deliverers: ReadonlyMap<EventNameOf<"messaging">, Deliver> = new Map([
  ["conversation.created", toFirst],
  ["conversation.updated", toEveryone],
  ["conversation.restored", toEveryone],
  ["conversation.trashed", idToEveryone],
  ["conversation.participant_added", toEveryoneAndOne],
  ["conversation.participant_removed", toEveryoneAndOne],
  ["conversation.owner_changed", toEveryoneWithOwner],
  ["conversation.muted", toOne],
  ["conversation.unmuted", toOne],
]);

/** What happens to conversations and to who takes part in them. */
export const conversationEvents: Family = {
  events: [...deliverers.keys()],
  inConversations: true,
  async prepare({ db, rows, users, attendances }) {
    const present = await attendances;
    const ids = new Set(rows.map(({ aggregate_id }) => aggregate_id));
    const pairs = [...ids].flatMap((id) => (present.get(id) ?? []).map(({ user_id }) => [id, user_id] as const));
    const conversations = pairs.length === 0 ? new Map<string, Conversation>() : await conversationsOf(db, pairs);
    const known: Known = { users, attendances: present, conversations };
    return (row) => deliverers.get(row.type)?.(row, known) ?? [];
  },
};

/** The conversation as a user sees it now; nothing for a user who does not see it. */
function* shown(
  { aggregate_id: conversation_id }: StreamRow,
  { conversations }: Known,
  user_id: string,
  more: object = {},
): Generator<readonly [string, string]> {
  const conversation = conversations.get(`${conversation_id} ${user_id}`);
  if (conversation) yield [user_id, JSON.stringify({ ...conversation, conversation_id, ...more })];
}
