import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { messages } from "../messages/table.ts";

/** Whom messages mention. `seq` is the message's, so that unread mentions are counted on one index. */
export const messageMentions = sqliteTable(
  "message_mentions",
  {
    message_id: text()
      .notNull()
      .references(() => messages.id, { onDelete: "cascade" }),
    user_id: text().notNull(),
    conversation_id: text().notNull(),
    seq: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.message_id, t.user_id] }),
    index("message_mentions_user").on(t.user_id, t.conversation_id, t.seq),
  ],
);
