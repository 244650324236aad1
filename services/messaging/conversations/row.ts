import {
  computed,
  jsonArrayOf,
  jsonOf,
  nullable,
  parseJson,
  pickColumns,
  type RowOf,
  type Select,
  type Sql,
  select,
  sql,
} from "@stoa/db";
import { alias } from "drizzle-orm/sqlite-core";
import { directory } from "../directory/table.ts";
import { m, messageColumns, shapeMessage } from "../messages/row.ts";
import { participants } from "../participants/table.ts";
import { Conversation } from "./schema.ts";
import { conversations } from "./table.ts";

/** Conversations, as the columns here and the conditions of lists name them. */
export const c = alias(conversations, "c");
/** The participation of the user who reads; all null where they take no part. */
export const mine = alias(participants, "mine");

/** What decides over a user's rights in a conversation. */
export const accessColumns = { type: c.type, role: nullable(mine.role) };

/** What decides over a user's rights in a conversation. Null: they take no part in it. */
export type ConversationAccess = RowOf<typeof accessColumns>;

/**
 * The messages past the user's read mark, less the system's and deleted ones; their own are never past it. So it is a
 * difference, and a count of the few that do not count, on an index that holds only those.
 */
const unread = sql`(c.last_seq - mine.read_seq - (select count(*) from messages u
  where u.conversation_id = c.id and u.seq > mine.read_seq and (u.type = 'system' or u.deleted_at is not null)))`;

/** The messages past the user's read mark that mention them. A message that was deleted mentions nobody. */
const mentions = sql`(select count(*) from message_mentions x where x.user_id = mine.user_id
  and x.conversation_id = c.id and x.seq > mine.read_seq)`;

const p = alias(participants, "p");
const d = alias(directory, "d");

/** Names are null until the directory knows them, `former member` once erased. */
const participantsJson = jsonArrayOf(
  {
    user_id: p.user_id,
    username: nullable(d.username),
    full_name: nullable(d.full_name),
    role: p.role,
    read_seq: p.read_seq,
  },
  sql`from ${p} left join ${d} on ${d.user_id} = ${p.user_id} where ${p.conversation_id} = ${c.id}`,
);

/** Null for a user who takes no part: a superuser does not see from outside what is said. */
const lastMessageJson = jsonOf(
  messageColumns(mine.user_id),
  sql`from ${m} where ${m.conversation_id} = ${c.id} and ${m.seq} = ${c.last_seq} and ${mine.user_id} is not null`,
);

/** What has not been read of a conversation; null and 0 for a user who takes no part. */
export const unreadColumns = {
  id: c.id,
  unread: computed<number | null>(unread),
  mentions: computed<number>(mentions),
};

/** The columns of a conversation as a user sees it: with their role, and JSON of its participants and last message. */
export const conversationColumns = {
  ...pickColumns(c, Conversation.properties),
  ...accessColumns,
  ...unreadColumns,
  read_seq: nullable(mine.read_seq),
  muted: nullable(mine.muted),
  participants: participantsJson,
  last_message: lastMessageJson,
};

/** A conversation as it is read. */
export type ConversationRow = RowOf<typeof conversationColumns>;

/** One conversation that is not in the trash, with what a user is in it: what follows `from`. */
export function conversationAsUser(user_id: string, id: string): Sql {
  return sql`${c} ${asUser(user_id)} where ${c.id} = ${id} and ${c.trashed_at} is null`;
}

/** Joins what a user is in each conversation. One who left a direct conversation takes no part until it is back. */
export function asUser(user_id: string): Sql {
  return sql`left join ${mine}
    on ${mine.conversation_id} = ${c.id} and ${mine.user_id} = ${user_id} and ${mine.left_at} is null`;
}

/** Participations with their conversations: what follows `from` where only those are wanted that users take part in. */
export const participations = sql`${mine} join ${c} on ${c.id} = ${mine.conversation_id}`;
/** The condition of participations that last, in conversations that are not in the trash. */
export const lasting = sql`${mine.left_at} is null and ${c.trashed_at} is null`;

/** One conversation as a user sees it, whether they may or not. */
export function selectConversation(user_id: string, id: string): Select<ConversationRow> {
  return select(conversationColumns, sql`from ${conversationAsUser(user_id, id)}`);
}

/** A row as it goes over the wire. */
export function shapeConversation({ role, ...row }: ConversationRow): Conversation {
  return {
    ...row,
    participants: parseJson(row.participants),
    read_seq: row.read_seq ?? 0,
    unread: row.unread ?? 0,
    last_message: row.last_message === null ? null : shapeMessage(parseJson(row.last_message)),
    muted: row.muted === 1,
  };
}
