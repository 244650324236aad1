import { primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { messages } from "../messages/table.ts";

/** Reactions to messages: one for each user and emoji. */
export const reactions = sqliteTable(
  "reactions",
  {
    message_id: text()
      .notNull()
      .references(() => messages.id, { onDelete: "cascade" }),
    /** In its fully-qualified form (see `emoji.ts`). */
    emoji: text().notNull(),
    user_id: text().notNull(),
    created_at: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.message_id, t.emoji, t.user_id] })],
);
