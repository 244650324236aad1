import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Who the users are, as identity's events tell. */
export const directory = sqliteTable(
  "directory",
  {
    user_id: text().primaryKey(),
    /** Lower case, as identity keeps it; null once erased. */
    username: text(),
    full_name: text(),
    is_active: integer().notNull().default(1),
    erased_at: text(),
  },
  (t) => [index("directory_username").on(t.username)],
);
