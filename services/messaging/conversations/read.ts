import { type Database, type Sql, sql as statement } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { and, eq, gt, isNull, ne, placeholder, sql } from "drizzle-orm";
import { alias, QueryBuilder } from "drizzle-orm/sqlite-core";
import { type MessageRow, messageJson, shapeMessage } from "../messages/read.ts";
import { type Prepared, prepare } from "../query.ts";
import type { Conversation, Participant } from "./schema.ts";
import { conversations, participants } from "./table.ts";

const c = alias(conversations, "c");
const mine = alias(participants, "mine");

/**
 * Messages past the mark, less the system's and deleted ones; one's own are never past it. So: a difference, and a
 * count of the few that do not count, on an index that holds only those.
 */
const unreadCount = sql<number>`(c.last_seq - mine.read_seq - (select count(*) from messages u
  where u.conversation_id = c.id and u.seq > mine.read_seq and (u.type = 'system' or u.deleted_at is not null)))`;

/** A participant `p` as JSON. Names are null until the directory knows them, `former member` once erased. */
const participantJson = sql<string>`json_object('user_id', p.user_id, 'username', d.username,
  'full_name', d.full_name, 'role', p.role, 'read_seq', p.read_seq)`;

const fields = {
  id: c.id,
  type: c.type,
  title: c.title,
  project_id: c.project_id,
  participants: sql<string>`(select json_group_array(${participantJson}) from participants p
    left join directory d on d.user_id = p.user_id where p.conversation_id = c.id)`.as("participants"),
  last_seq: c.last_seq,
  read_seq: sql<number>`mine.read_seq`.as("read_seq"),
  unread: unreadCount.as("unread"),
  last_message: sql<string | null>`(select ${messageJson(sql`mine.user_id`)} from messages m
    where m.conversation_id = c.id and m.seq = c.last_seq)`.as("last_message"),
  muted: sql<number>`mine.muted`.as("muted"),
  version: c.version,
  created_at: c.created_at,
  updated_at: c.updated_at,
};

const query = () => new QueryBuilder().select(fields).from(mine).innerJoin(c, eq(c.id, mine.conversation_id));

const asked = and(eq(mine.user_id, placeholder("me")), isNull(mine.left_at), isNull(c.trashed_at));

/** All conversations that the asker takes part in; a list adds its own conditions, order and limit. Values: `me`. */
export const myConversations = prepare(query().where(asked));
const myConversation = prepare(query().where(and(asked, eq(c.id, placeholder("id")))));

/** A group, or a project's conversation, that the asker takes no part in: nothing of what was said. Values: `me`, `id`. */
export const overseenConversation = prepare(
  new QueryBuilder()
    .select({
      ...fields,
      read_seq: sql<number>`0`.as("read_seq"),
      unread: sql<number>`0`.as("unread"),
      last_message: sql<string | null>`null`.as("last_message"),
      muted: sql<number>`0`.as("muted"),
    })
    .from(c)
    .where(
      and(
        eq(c.id, placeholder("id")),
        ne(c.type, "direct"),
        isNull(c.trashed_at),
        sql`not exists (select 1 from participants p where p.conversation_id = c.id and p.user_id = ${placeholder("me")})`,
      ),
    ),
);

/** What the asker has not read, of each conversation with something past their mark. Values: `me`. */
export const myUnread = prepare(
  new QueryBuilder()
    .select({ id: c.id, unread: unreadCount.as("unread") })
    .from(mine)
    .innerJoin(c, eq(c.id, mine.conversation_id))
    .where(and(asked, gt(c.last_seq, mine.read_seq)))
    .orderBy(c.id),
);
const conversationsOfPairs = prepare(
  new QueryBuilder()
    .select({ ...fields, asker_id: sql<string>`mine.user_id`.as("asker_id") })
    .from(mine)
    .innerJoin(c, eq(c.id, mine.conversation_id))
    .where(sql`(mine.conversation_id, mine.user_id) in
      (select value ->> 0, value ->> 1 from json_each(${placeholder("pairs")}))
      and mine.left_at is null and c.trashed_at is null`),
);

/** A row of a conversation query. */
export type ConversationRow = typeof myConversation extends Prepared<infer R> ? R : never;

/** A conversation as it goes over the wire. */
export function shapeConversation(row: ConversationRow): Conversation {
  return {
    ...row,
    participants: JSON.parse(row.participants) as Participant[],
    mentions: 0,
    last_message: row.last_message === null ? null : shapeMessage(JSON.parse(row.last_message) as MessageRow),
    muted: row.muted === 1,
  };
}

/** A conversation that the asker takes part in; undefined when there is none. */
export async function findConversation(db: Database, asker_id: string, id: string): Promise<Conversation | undefined> {
  const [row] = await myConversation.rows(db, { me: asker_id, id });
  return row && shapeConversation(row);
}

/** A conversation that the asker takes part in. @throws StoaError `not_found` */
export async function readConversation(db: Database, asker_id: string, id: string): Promise<Conversation> {
  const conversation = await findConversation(db, asker_id, id);
  if (!conversation) throw new StoaError("not_found");
  return conversation;
}

/**
 * Conversations as several people see them, by `<conversation> <user>`.
 *
 * @param pairs conversation and user; who is not in it has none
 */
export async function conversationsOf(
  db: Database,
  pairs: readonly (readonly [conversation_id: string, user_id: string])[],
): Promise<ReadonlyMap<string, Conversation>> {
  const rows = await conversationsOfPairs.rows(db, { pairs: JSON.stringify(pairs) });
  return new Map(rows.map(({ asker_id, ...row }) => [`${row.id} ${asker_id}`, shapeConversation(row)]));
}

/** The answer of a command's batch: one conversation, as the asker sees it. */
export function selectConversation(asker_id: string, id: string): Sql {
  return myConversation.statement({ me: asker_id, id });
}

/** Shapes that answer. @throws StoaError `not_found` when the asker has meanwhile lost sight of it */
export function conversationIn(rows: readonly object[]): Conversation {
  const [row] = rows as readonly ConversationRow[];
  if (!row) throw new StoaError("not_found");
  return shapeConversation(row);
}

/** The guard of whatever is done in a conversation: this user takes part in it, and it is not in the trash. */
export function takesPart(user_id: string, conversation_id: string): Sql {
  return statement`exists (select 1 from participants p join conversations c on c.id = p.conversation_id
    where p.conversation_id = ${conversation_id} and p.user_id = ${user_id} and p.left_at is null
    and c.trashed_at is null)`;
}
