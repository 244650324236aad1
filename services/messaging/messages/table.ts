import { sql } from "drizzle-orm";
import { type AnySQLiteColumn, check, index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { conversations } from "../conversations/table.ts";
import type { Message } from "./schema.ts";

/** Messages. `seq` counts them from 1 in each conversation; no number is left out. */
export const messages = sqliteTable(
  "messages",
  {
    id: text().primaryKey(),
    conversation_id: text()
      .notNull()
      .references(() => conversations.id),
    seq: integer().notNull(),
    type: text().$type<Message["type"]>().notNull(),
    /** Null for a system message. */
    sender_id: text(),
    /** The other user of a direct conversation; null elsewhere. */
    recipient_id: text(),
    content: text(),
    /** Whether it is all there; only the answer of an assistant is not complete from the beginning. */
    status: text().$type<Message["status"]>().notNull().default("complete"),
    /** The task that it is about, in the conversation of a project. It stays when the task moves to another, or is gone. */
    task_id: text(),
    /** What a system message tells of: the next one of the same may change it instead of adding another. */
    subject: text(),
    parent_id: text().references((): AnySQLiteColumn => messages.id),
    /** The sender's own id of the message: whatever is sent under it again is the same message, without a time limit. */
    client_id: text(),
    /** A hash of what was first sent under `client_id`; an edit of the message does not change it. */
    client_hash: text(),
    pinned_at: text(),
    version: integer().notNull().default(1),
    created_at: text().notNull(),
    updated_at: text().notNull(),
    edited_at: text(),
    deleted_at: text(),
    /** Counts all messages in the order in which they came. Null for a moment, after an older version has added one. */
    row: integer(),
    /** What the search index has instead of the text; see `searched.ts`. */
    folded: text(),
  },
  (t) => [
    uniqueIndex("messages_seq").on(t.conversation_id, t.seq),
    uniqueIndex("messages_client_id").on(t.conversation_id, t.sender_id, t.client_id),
    index("messages_newest").on(t.conversation_id, t.id),
    index("messages_parent").on(t.parent_id, t.seq),
    index("messages_pinned").on(t.conversation_id, t.seq).where(sql`pinned_at is not null`),
    index("messages_subject").on(t.conversation_id, t.subject, t.seq).where(sql`subject is not null`),
    uniqueIndex("messages_row").on(t.row),
    index("messages_unindexed").on(t.row).where(sql`folded is null`),
    // The messages that do not count as unread. With it, unread messages are counted without reading them.
    index("messages_uncounted").on(t.conversation_id, t.seq).where(sql`type = 'system' or deleted_at is not null`),
    index("messages_task").on(t.task_id, t.id).where(sql`task_id is not null`),
    index("messages_task_seq").on(t.task_id, t.conversation_id, t.seq).where(sql`task_id is not null`),
    check("message_type", sql`${t.type} in ('user', 'system')`),
  ],
);
