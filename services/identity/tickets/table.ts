import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * What tickets are for. `nothing` is one that is mailed to nobody: it is written in place of another where there is no
 * user, so that both take the same work.
 */
export type Purpose = "email_verification" | "email_change" | "email_undo" | "password_reset" | "nothing";

/** Single-use tokens that were mailed, by their hash. */
export const tickets = sqliteTable(
  "tickets",
  {
    id: text().primaryKey(),
    purpose: text().$type<Purpose>().notNull(),
    user_id: text(),
    /** SHA-256 of the token, hex. */
    hash: text().notNull().unique(),
    /** The address it was mailed to: a ticket proves only that its holder reads this mailbox. */
    email: text().notNull(),
    /** Of `email_undo`: the address as it is compared. Nobody else takes it as long as its user may have it back. */
    email_key: text(),
    /** Of `email_undo`: 1 if the address was verified, 0 if not. */
    was_verified: integer(),
    /** Of `email_change`: the session that asked for it, which goes on when the others end. */
    session_id: text(),
    created_at: text().notNull(),
    expires_at: text().notNull(),
    used_at: text(),
  },
  (t) => [
    index("tickets_user").on(t.user_id, t.purpose),
    index("tickets_expires_at").on(t.expires_at),
    index("tickets_held").on(t.email_key).where(sql`email_key is not null`),
  ],
);

/** A row of `tickets`. */
export type TicketRow = typeof tickets.$inferSelect;
