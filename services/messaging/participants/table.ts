import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Participant } from "../conversations/schema.ts";
import { conversations } from "../conversations/table.ts";

/** Who takes part in a conversation, and how far each has read. */
export const participants = sqliteTable(
  "participants",
  {
    conversation_id: text()
      .notNull()
      .references(() => conversations.id),
    user_id: text().notNull(),
    role: text().$type<Participant["role"]>().notNull(),
    /** The last message read; never moves back. One's own messages are never past it: sending moves it. */
    read_seq: integer().notNull().default(0),
    muted: integer().notNull().default(0),
    joined_at: text().notNull(),
    /** When they left a direct conversation: it is hidden from them until either of the two writes again. */
    left_at: text(),
  },
  (t) => [
    primaryKey({ columns: [t.conversation_id, t.user_id] }),
    index("participants_user").on(t.user_id, t.conversation_id),
  ],
);
