import { index, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Single-use tokens that were mailed, by their hash. */
export const tickets = sqliteTable(
  "tickets",
  {
    id: text().primaryKey(),
    /** `email_verification`, `email_change`, `password_reset`; `nothing` for what was asked of a user who is none. */
    purpose: text().notNull(),
    user_id: text(),
    /** SHA-256 of the token, hex. */
    hash: text().notNull().unique(),
    /** The address it was mailed to: a ticket says that who holds it reads this mailbox, and no more. */
    email: text().notNull(),
    created_at: text().notNull(),
    expires_at: text().notNull(),
    used_at: text(),
  },
  (t) => [index("tickets_user").on(t.user_id, t.purpose), index("tickets_expires_at").on(t.expires_at)],
);

/** A row of `tickets`. */
export type TicketRow = typeof tickets.$inferSelect;
