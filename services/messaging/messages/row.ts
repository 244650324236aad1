import {
  composeOnce,
  computed,
  pickColumns,
  type RowOf,
  raw,
  type Select,
  type Sql,
  type SqlPart,
  select,
  sql,
} from "@stoa/db";
import { isNamed } from "@stoa/http/list/index";
import { alias } from "drizzle-orm/sqlite-core";
import { reactionsJson, shapeReactions } from "../reactions/column.ts";
import { Message } from "./schema.ts";
import { messages } from "./table.ts";

/** Messages, as the columns here and the conditions of lists name them. */
export const m = alias(messages, "m");

/** In a direct conversation: whether the recipient has read it; elsewhere: whether the user who reads has. */
const isRead = (
  user_id: SqlPart,
) => sql`exists (select 1 from participants r where r.conversation_id = m.conversation_id
  and r.user_id = coalesce(m.recipient_id, ${user_id}) and r.read_seq >= m.seq)`;

const replyCount = sql`(select count(*) from messages r where r.parent_id = m.id and r.deleted_at is null)`;

/** An assistant's message that is still being written has its text elsewhere; none when it was deleted meanwhile. */
const content = sql`case when m.status = 'streaming' and m.deleted_at is null
  then coalesce((select a.text from answers a where a.message_id = m.id), '') else m.content end`;
/** The ids of those whom it mentions, with commas between. */
const mentioned = sql`(select group_concat(x.user_id) from message_mentions x where x.message_id = m.id)`;

/** The columns of a message that all who may read it see alike. */
const commonColumns = {
  ...pickColumns(m, Message.properties),
  content: computed<string | null>(content),
  reply_count: computed<number>(replyCount),
  mentions: computed<string | null>(mentioned),
};

/** The columns of a message as a user sees it. @param user_id a value, or SQL of one */
export const messageColumns = (user_id: SqlPart) => ({
  ...commonColumns,
  is_read: computed<number>(isRead(user_id)),
  reactions: reactionsJson(user_id),
});

/** A message as it is read. */
export type MessageRow = RowOf<ReturnType<typeof messageColumns>>;

/** The condition of messages that the user who reads, `mine`, has not read. */
export const unreadByMe = raw(
  "m.seq > mine.read_seq and m.sender_id <> mine.user_id and m.type = 'user' and m.deleted_at is null",
);

/** The condition of messages about one of these tasks; `none` among them is no task. */
export function aboutOneOf(task_ids: readonly string[]): Sql {
  const ids = task_ids.filter((id) => id !== "none");
  return isNamed(m.task_id, { ids, nobody: task_ids.includes("none") });
}

/** One message as a user sees it, whether they may or not: the answer of a command. */
export function selectMessage(user_id: string, id: string): Select<MessageRow> {
  return messageOf({ user_id, id });
}

const messageOf = composeOnce((value: (name: "user_id" | "id") => Sql) =>
  select(messageColumns(value("user_id")), sql`from ${m} where ${m.id} = ${value("id")}`),
);

/** A row as it goes over the wire. */
export function shapeMessage(row: MessageRow): Message {
  const reactions = shapeReactions(row.reactions);
  return { ...row, is_read: row.is_read === 1, reactions, mentions: row.mentions?.split(",") ?? [] };
}
