import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Users as identity's events tell of them: a projection, written by the handlers in this folder alone. */
export const directory = sqliteTable(
  "directory",
  {
    user_id: text().primaryKey(),
    /** In lower case, as identity keeps it. Null once the user was erased. */
    username: text(),
    full_name: text(),
    is_active: integer().notNull().default(1),
    /** The address that they verified last, for mails; null while there is none, and once they were erased. */
    email: text(),
    erased_at: text(),
  },
  (t) => [index("directory_username").on(t.username)],
);
