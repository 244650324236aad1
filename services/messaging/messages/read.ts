import type { Database, Sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { placeholder, type SQL, sql } from "drizzle-orm";
import { alias, QueryBuilder } from "drizzle-orm/sqlite-core";
import { type Prepared, prepare } from "../query.ts";
import type { Message } from "./schema.ts";
import { messages } from "./table.ts";

/** The messages table as these queries call it. */
export const m = alias(messages, "m");
const me = placeholder("me");

/** In a direct conversation the recipient has read it; elsewhere the asker has. */
const isRead = (asker: SQL): SQL<number> => sql`exists (select 1 from participants r
  where r.conversation_id = m.conversation_id and r.user_id = coalesce(m.recipient_id, ${asker}) and r.read_seq >= m.seq)`;
const replyCount: SQL<number> = sql`(select count(*) from messages r where r.parent_id = m.id and r.deleted_at is null)`;

/** What is read of a message; `me`, the asker, is a placeholder. */
export const messageFields = {
  id: m.id,
  conversation_id: m.conversation_id,
  seq: m.seq,
  type: m.type,
  sender_id: m.sender_id,
  recipient_id: m.recipient_id,
  content: m.content,
  is_read: isRead(sql`${me}`).as("is_read"),
  parent_id: m.parent_id,
  reply_count: replyCount.as("reply_count"),
  client_id: m.client_id,
  pinned_at: m.pinned_at,
  version: m.version,
  created_at: m.created_at,
  updated_at: m.updated_at,
  edited_at: m.edited_at,
  deleted_at: m.deleted_at,
};

/** The same fields as one JSON object, for a message within something else that `asker` sees. */
export const messageJson = (
  asker: SQL,
) => sql<string>`json_object('id', m.id, 'conversation_id', m.conversation_id, 'seq', m.seq,
  'type', m.type, 'sender_id', m.sender_id, 'recipient_id', m.recipient_id, 'content', m.content, 'is_read', ${isRead(asker)},
  'parent_id', m.parent_id, 'reply_count', ${replyCount}, 'client_id', m.client_id, 'pinned_at', m.pinned_at,
  'version', m.version, 'created_at', m.created_at, 'updated_at', m.updated_at, 'edited_at', m.edited_at,
  'deleted_at', m.deleted_at)`;

const query = () => new QueryBuilder().select(messageFields).from(m);

/** Every message; a list adds its own conditions, order and limit. Values: `me`. */
export const everyMessage = prepare(query());
/** One message, whoever may see it. Values: `me`, `id`. */
export const messageById = prepare(query().where(sql`m.id = ${placeholder("id")}`));
/** Messages of a JSON array of ids, whoever may see them. Values: `me`, `ids`. */
export const messagesByIds = prepare(query().where(sql`m.id in (select value from json_each(${placeholder("ids")}))`));
const visibleMessage = prepare(
  query().where(sql`m.id = ${placeholder("id")} and exists (select 1 from participants p
    join conversations c on c.id = p.conversation_id where p.conversation_id = m.conversation_id
    and p.user_id = ${me} and p.left_at is null and c.trashed_at is null)`),
);

/** A row of a message query. */
export type MessageRow = typeof messageById extends Prepared<infer R> ? R : never;

/** A message as it goes over the wire. */
export function shapeMessage(row: MessageRow): Message {
  return { ...row, is_read: row.is_read === 1, reactions: [], mentions: [] };
}

/** A message of a conversation that the asker takes part in. @throws StoaError `not_found` */
export async function readMessage(db: Database, asker_id: string, message_id: string): Promise<Message> {
  const [row] = await visibleMessage.rows(db, { me: asker_id, id: message_id });
  if (!row) throw new StoaError("not_found");
  return shapeMessage(row);
}

/** The answer of a command's batch: one message. */
export function selectMessage(asker_id: string, message_id: string): Sql {
  return messageById.statement({ me: asker_id, id: message_id });
}
