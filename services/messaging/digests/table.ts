import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * Mails that were made of notifications: one at most for a user, a topic (a task, a conversation …) and a day. Whichever
 * instance writes the row makes the mail.
 */
export const mailDigests = sqliteTable(
  "mail_digests",
  {
    user_id: text().notNull(),
    topic_id: text().notNull(),
    /** The day of the user's calendar: `2026-11-20`. */
    day: text().notNull(),
    created_at: text().notNull(),
    /** The mail. Null: it is older than this column. */
    mail_id: text(),
  },
  (t) => [primaryKey({ columns: [t.user_id, t.topic_id, t.day] }), index("mail_digests_created").on(t.created_at)],
);
