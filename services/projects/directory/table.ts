import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Users as identity's events tell of them: a projection, written by the handlers in this folder alone. */
export const directory = sqliteTable(
  "directory",
  {
    user_id: text().primaryKey(),
    /** Null once the user was erased. */
    username: text(),
    full_name: text(),
    /**
     * What the address that they verified last is found by; null while there is none, and once they were erased. Requests
     * may name somebody by it, but no answer shows it.
     */
    email_key: text(),
    is_active: integer({ mode: "boolean" }).notNull(),
    erased_at: text(),
  },
  (t) => [index("directory_username").on(t.username), index("directory_email").on(t.email_key)],
);
