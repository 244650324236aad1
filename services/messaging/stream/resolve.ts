import type { Database } from "@stoa/db";
import { conversationsOf } from "../conversations/read.ts";
import type { Conversation } from "../conversations/schema.ts";
import { type MessageRow, messagesByIds, shapeMessage } from "../messages/read.ts";
import { type NotificationRow, notificationsByIds, shapeNotification } from "../notifications/read.ts";
import { type Attendance, attendances } from "./attendances.ts";
import type { StreamEventName } from "./events.ts";
import type { StreamRow } from "./rows.ts";

/** One event, and what each of its receivers gets: JSON. */
export interface Delivery {
  readonly seq: number;
  readonly type: string;
  readonly to: ReadonlyMap<string, string>;
}

/** What the database says of a batch of rows. */
interface Facts {
  readonly users: ReadonlySet<string>;
  readonly attendances: ReadonlyMap<string, readonly Attendance[]>;
  readonly messages: ReadonlyMap<string, MessageRow>;
  readonly notifications: ReadonlyMap<string, NotificationRow>;
  /** By `<conversation> <user>`. */
  readonly conversations: ReadonlyMap<string, Conversation>;
}

type Deliver = (row: StreamRow, facts: Facts) => Iterable<readonly [user_id: string, data: string]>;

/**
 * Who gets what of some journal rows. Read now, not when it happened: whoever left a conversation gets nothing more
 * of it, and a resource is as its GET shows it to the receiver.
 *
 * @param users those who listen; nothing is made for others
 */
export async function resolve(
  db: Database,
  rows: readonly StreamRow[],
  users: ReadonlySet<string>,
): Promise<Delivery[]> {
  const heard = rows.filter((row) => row.type in deliverers);
  if (heard.length === 0 || users.size === 0) return [];
  const facts = await gather(db, heard, users);
  return heard.map((row) => ({
    seq: row.seq,
    type: row.type,
    to: new Map(deliverers[row.type]?.(row, facts)),
  }));
}

async function gather(db: Database, rows: readonly StreamRow[], users: ReadonlySet<string>): Promise<Facts> {
  const ids = (type: string) => rows.flatMap((row) => (row.type === type && row.entity_id ? [row.entity_id] : []));
  const about = rows.filter((row) => !row.type.startsWith("notification."));
  const [present, messages, notifications] = await Promise.all([
    attendances(db, [...new Set(about.map((row) => row.aggregate_id))], users),
    byId<MessageRow>(ids("message.sent"), (list) => messagesByIds.rows(db, { me: "", ids: list })),
    byId<NotificationRow>(ids("notification.created"), (list) => notificationsByIds.rows(db, { ids: list })),
  ]);
  const shown = new Set(about.filter((row) => row.type.startsWith("conversation.")).map((row) => row.aggregate_id));
  const pairs = [...shown].flatMap((id) => (present.get(id) ?? []).map(({ user_id }) => [id, user_id] as const));
  const conversations = pairs.length === 0 ? new Map<string, Conversation>() : await conversationsOf(db, pairs);
  return { users, attendances: present, messages, notifications, conversations };
}

async function byId<R extends { id: string }>(
  ids: readonly string[],
  read: (list: string) => Promise<R[]>,
): Promise<ReadonlyMap<string, R>> {
  if (ids.length === 0) return new Map();
  return new Map((await read(JSON.stringify(ids))).map((row) => [row.id, row]));
}

/** Everyone in it sees the conversation, as it is to each. */
const toEveryone: Deliver = function* (row, facts) {
  for (const { user_id } of facts.attendances.get(row.aggregate_id) ?? []) yield* shown(row, facts, user_id);
};

/** Those it began with: who came later is told so by the fact of that, also when a cut stream goes on. */
const toFirst: Deliver = function* (row, facts) {
  const { participant_ids } = JSON.parse(row.data) as { participant_ids: readonly string[] };
  for (const user_id of participant_ids) if (facts.users.has(user_id)) yield* shown(row, facts, user_id);
};

/** Only the one whom it concerns. */
const toOne: Deliver = function* (row, facts) {
  if (row.entity_id !== null && facts.users.has(row.entity_id)) yield* shown(row, facts, row.entity_id);
};

function* shown(
  row: StreamRow,
  facts: Facts,
  user_id: string,
  more: object = {},
): Generator<readonly [string, string]> {
  const conversation_id = row.aggregate_id;
  const conversation = facts.conversations.get(`${conversation_id} ${user_id}`);
  if (conversation) yield [user_id, JSON.stringify({ ...conversation, conversation_id, ...more })] as const;
}

/** In a direct conversation nobody else is told that one left it or came back. */
const peopled: Deliver = function* (row, facts) {
  const conversation_id = row.aggregate_id;
  const concerned = row.entity_id ?? "";
  for (const { user_id, type } of facts.attendances.get(conversation_id) ?? []) {
    if (type !== "direct" || user_id === concerned) yield* shown(row, facts, user_id, { user_id: concerned });
  }
  const gone = !facts.conversations.has(`${conversation_id} ${concerned}`);
  if (row.type === "conversation.participant_removed" && gone && facts.users.has(concerned)) {
    yield [concerned, JSON.stringify({ conversation_id, user_id: concerned })];
  }
};

const deliverers: Readonly<Record<string, Deliver>> = {
  "conversation.created": toFirst,
  "conversation.updated": toEveryone,
  "conversation.restored": toEveryone,
  "conversation.participant_added": peopled,
  "conversation.participant_removed": peopled,
  "conversation.muted": toOne,
  "conversation.unmuted": toOne,
  *"message.sent"(row, facts) {
    const message = facts.messages.get(row.entity_id ?? "");
    if (!message) return;
    // It differs between receivers in one field, so it is written twice at most.
    const direct = message.recipient_id !== null;
    const write = (is_read: boolean) => JSON.stringify({ ...shapeMessage(message), is_read });
    const [read, unread] = [once(() => write(true)), once(() => write(false))];
    for (const { user_id, read_seq } of visible(row, facts)) {
      const is_read = direct ? message.is_read === 1 : read_seq >= message.seq;
      yield [user_id, is_read ? read() : unread()];
    }
  },
  *"read.moved"(row, facts) {
    const { seq } = JSON.parse(row.data) as { seq: number };
    const data = JSON.stringify({ conversation_id: row.aggregate_id, user_id: row.entity_id, seq, read_seq: seq });
    for (const { user_id } of visible(row, facts)) yield [user_id, data];
  },
  *"conversation.trashed"(row, facts) {
    const data = JSON.stringify({ conversation_id: row.aggregate_id });
    for (const { user_id } of facts.attendances.get(row.aggregate_id) ?? []) yield [user_id, data];
  },
  *"notification.created"(row, facts) {
    const notification = facts.notifications.get(row.entity_id ?? "");
    if (notification && facts.users.has(row.aggregate_id)) {
      yield [row.aggregate_id, JSON.stringify(shapeNotification(notification))];
    }
  },
  *"notification.read"(row, facts) {
    if (facts.users.has(row.aggregate_id)) yield [row.aggregate_id, row.data];
  },
} satisfies Readonly<Record<Exclude<StreamEventName, "ready" | "reset">, Deliver>>;

/** Those in a conversation that is not in the trash. */
function visible({ aggregate_id }: StreamRow, { attendances }: Facts): readonly Attendance[] {
  return (attendances.get(aggregate_id) ?? []).filter(({ trashed }) => !trashed);
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
