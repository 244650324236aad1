import type { EventData, EventNameOf } from "@stoa/events";
import type { SharedConversation } from "../../conversations/schema.ts";
import { type ParticipantRow, participantsOf, sharedConversations } from "../../conversations/shared.ts";
import type { StreamRow } from "../rows.ts";
import type { Attendances, Family } from "./family.ts";

/** What the database says of the conversations of a batch. */
interface Known {
  readonly users: ReadonlySet<string>;
  readonly attendances: Attendances;
  readonly conversations: ReadonlyMap<string, SharedConversation>;
  /** By `<conversation> <user>`: those whom the batch concerns, and both people of a direct conversation. */
  readonly participants: ReadonlyMap<string, ParticipantRow>;
}

type Deliver = (row: StreamRow, known: Known) => Iterable<readonly [user_id: string, data: string]>;

/** Those who take part and listen; nobody where the conversation is in the trash or gone. */
function present(row: StreamRow, { attendances, conversations }: Known) {
  return conversations.has(row.aggregate_id) ? (attendances.get(row.aggregate_id) ?? []) : [];
}

/** What happened, written once: all who take part get the same. */
const toEveryone = (say: (row: StreamRow, conversation: SharedConversation, known: Known) => object): Deliver =>
  function* (row, known) {
    const conversation = known.conversations.get(row.aggregate_id);
    if (!conversation) return;
    const data = JSON.stringify(say(row, conversation, known));
    for (const { user_id } of present(row, known)) yield [user_id, data];
  };

/**
 * The participants with whom a conversation began get it, if they still take part. Those who came later are told by
 * `participant_added`, also when a stream that was cut goes on.
 */
const toFirst: Deliver = function* (row, known) {
  const { participant_ids } = JSON.parse(row.data) as { participant_ids: readonly string[] };
  for (const received of began(row, known)) if (participant_ids.includes(received[0])) yield received;
};

const began = toEveryone((row, conversation, { participants }) => {
  const both = [...participants]
    .filter(([key]) => key.startsWith(row.aggregate_id))
    .map(([, { participant }]) => participant);
  return {
    ...conversation,
    conversation_id: row.aggregate_id,
    ...(conversation.type === "direct" && { participants: both }),
  };
});

/** Which messages were imported, for clients that have the conversation open: of an event that does not say it, all. */
const imported = toEveryone(({ aggregate_id, data }, { last_seq, updated_at }) => {
  const { from_seq = 1, to_seq = last_seq } = JSON.parse(data) as EventData<"conversation.imported">;
  return { conversation_id: aggregate_id, from_seq, to_seq, updated_at };
});

const cameBack = toEveryone((row, conversation) => ({ ...conversation, conversation_id: row.aggregate_id }));

const changed = toEveryone(({ aggregate_id }, { title, version, updated_at }) => ({
  conversation_id: aggregate_id,
  title,
  version,
  updated_at,
}));

/**
 * Everyone is told who came, except in a direct conversation: there only the user who came back is. Of someone who has
 * left since nobody is told.
 */
const added: Deliver = function* (row, known) {
  const conversation = known.conversations.get(row.aggregate_id);
  const came = known.participants.get(`${row.aggregate_id} ${row.entity_id}`);
  if (!conversation || !came || came.left) return;
  const { version, updated_at } = conversation;
  const { participant } = came;
  const data = JSON.stringify({
    conversation_id: row.aggregate_id,
    user_id: row.entity_id,
    participant,
    version,
    updated_at,
  });
  for (const { user_id, type } of present(row, known)) {
    if (type !== "direct" || user_id === row.entity_id) yield [user_id, data];
  }
};

/**
 * Everyone is told who left, except in a direct conversation: there only the user who left is. They no longer see the
 * conversation, and get its id alone.
 */
const removed: Deliver = function* (row, known) {
  const conversation_id = row.aggregate_id;
  const user_id = row.entity_id ?? "";
  const here = present(row, known);
  const conversation = known.conversations.get(conversation_id);
  if (conversation && conversation.type !== "direct") {
    const { version, updated_at } = conversation;
    const data = JSON.stringify({ conversation_id, user_id, version, updated_at });
    for (const each of here) yield [each.user_id, data];
  }
  const gone = !here.some((each) => each.user_id === user_id);
  if (gone && known.users.has(user_id)) yield [user_id, JSON.stringify({ conversation_id, user_id })];
};

/** Everyone is told whose the group is now. */
const handedOver: Deliver = function* (row, known) {
  const conversation = known.conversations.get(row.aggregate_id);
  if (!conversation) return;
  const { user_id } = JSON.parse(row.data) as { user_id: string };
  const { version, updated_at } = conversation;
  const data = JSON.stringify({ conversation_id: row.aggregate_id, user_id, version, updated_at });
  for (const each of present(row, known)) yield [each.user_id, data];
};

/** Only the user whose own participation it is gets it. */
const muted = (on: boolean): Deliver =>
  function* (row, known) {
    const { aggregate_id: conversation_id, entity_id } = row;
    if (!present(row, known).some(({ user_id }) => user_id === entity_id)) return;
    yield [entity_id ?? "", JSON.stringify({ conversation_id, muted: on })];
  };

/** Everyone who was in the conversation gets its id: nobody sees more of it in the trash. */
const idToEveryone: Deliver = function* (row, known) {
  const data = JSON.stringify({ conversation_id: row.aggregate_id });
  for (const { user_id } of known.attendances.get(row.aggregate_id) ?? []) yield [user_id, data];
};

const deliverers: ReadonlyMap<EventNameOf<"messaging">, Deliver> = new Map([
  ["conversation.created", toFirst],
  ["conversation.updated", changed],
  ["conversation.restored", cameBack],
  ["conversation.trashed", idToEveryone],
  ["conversation.imported", imported],
  ["conversation.participant_added", added],
  ["conversation.participant_removed", removed],
  ["conversation.owner_changed", handedOver],
  ["conversation.muted", muted(true)],
  ["conversation.unmuted", muted(false)],
]);

/**
 * What happens to conversations and to who takes part in them: the change alone. A list of participants in each would cost
 * the square of their number whenever one comes or goes.
 */
export const conversationEvents: Family = {
  events: [...deliverers.keys()],
  inConversations: true,
  async prepare({ db, rows, users, attendances }) {
    const ids = [...new Set(rows.map(({ aggregate_id }) => aggregate_id))];
    const came = rows.filter(({ type }) => type === "conversation.participant_added");
    const [attending, conversations, participants] = await Promise.all([
      attendances,
      sharedConversations(db, ids),
      participantsOf(
        db,
        came.map((row) => [row.aggregate_id, row.entity_id ?? ""]),
        rows.flatMap(({ type, aggregate_id }) => (type === "conversation.created" ? aggregate_id : [])),
      ),
    ]);
    const known: Known = { users, attendances: attending, conversations, participants };
    return (row) => deliverers.get(row.type)?.(row, known) ?? [];
  },
};
