import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Who has blocked whom. */
export const blocks = sqliteTable(
  "blocks",
  {
    /** Who blocks. */
    user_id: text().notNull(),
    blocked_id: text().notNull(),
    created_at: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.user_id, t.blocked_id] }),
    index("blocks_newest").on(t.user_id, t.created_at, t.blocked_id),
    index("blocks_blocked").on(t.blocked_id),
  ],
);
