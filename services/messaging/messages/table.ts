import { sql } from "drizzle-orm";
import { type AnySQLiteColumn, check, index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { conversations } from "../conversations/table.ts";

/** Messages. `seq` counts from 1 in each conversation without holes. */
export const messages = sqliteTable(
  "messages",
  {
    id: text().primaryKey(),
    conversation_id: text()
      .notNull()
      .references(() => conversations.id),
    seq: integer().notNull(),
    type: text({ enum: ["user", "system"] }).notNull(),
    /** Null for the system's. */
    sender_id: text(),
    /** In a direct conversation: the other. */
    recipient_id: text(),
    content: text(),
    parent_id: text().references((): AnySQLiteColumn => messages.id),
    /** The sender's own name for the message: sent again, it is the same message, for ever. */
    client_id: text(),
    /** What was sent under `client_id`, as a hash: a later edit changes nothing about it. */
    client_hash: text(),
    pinned_at: text(),
    version: integer().notNull().default(1),
    created_at: text().notNull(),
    updated_at: text().notNull(),
    edited_at: text(),
    deleted_at: text(),
  },
  (t) => [
    uniqueIndex("messages_seq").on(t.conversation_id, t.seq),
    uniqueIndex("messages_client_id").on(t.conversation_id, t.sender_id, t.client_id),
    index("messages_newest").on(t.conversation_id, t.id),
    index("messages_parent").on(t.parent_id, t.seq),
    // What does not count as unread; with it, counting unread messages does not read them.
    index("messages_uncounted").on(t.conversation_id, t.seq).where(sql`type = 'system' or deleted_at is not null`),
    check("message_type", sql`${t.type} in ('user', 'system')`),
  ],
);
