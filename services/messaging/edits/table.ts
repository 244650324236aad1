import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { messages } from "../messages/table.ts";

/** What edited messages said before: a row for each text that another has replaced. */
export const messageEdits = sqliteTable(
  "message_edits",
  {
    message_id: text()
      .notNull()
      .references(() => messages.id, { onDelete: "cascade" }),
    /** The version of the message when the text was replaced. */
    version: integer().notNull(),
    content: text().notNull(),
    /** When the text was written. */
    created_at: text().notNull(),
    replaced_at: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.message_id, t.version] })],
);
