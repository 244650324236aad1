import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** What a mail is about. */
export type MailKind =
  | "email_verification"
  | "email_change"
  | "email_change_requested"
  | "email_changed"
  | "password_reset"
  | "password_changed"
  | "factor_added"
  | "factor_removed"
  | "recovery_code_used"
  | "new_device"
  | "invitation"
  | "external_linked"
  | "password_elsewhere"
  | "digest";

/**
 * Mails that wait, and for 30 days those that were sent or given up. The content carries a token, so it is deleted with
 * the delivery. A sender takes a mail by writing its `lease`, which is good until `next_at`.
 */
export const mails = sqliteTable(
  "mails",
  {
    id: text().primaryKey(),
    /** Null for an invitation: its recipient is no user yet. */
    user_id: text(),
    kind: text().$type<MailKind>().notNull(),
    status: text().$type<"waiting" | "sent" | "failed">().notNull().default("waiting"),
    recipient: text().notNull(),
    /** The recipient by its key, and the user on whose behalf it is sent: of invitations. */
    recipient_key: text(),
    sender_id: text(),
    subject: text(),
    text: text(),
    html: text(),
    tries: integer().notNull().default(0),
    next_at: text().notNull(),
    lease: text(),
    /** Why the last try failed: a code, never the server's words, which name the address. */
    error: text(),
    /** After this the mail is of no use. */
    expires_at: text().notNull(),
    created_at: text().notNull(),
    ended_at: text(),
  },
  (t) => [
    index("mails_waiting").on(t.next_at).where(sql`status = 'waiting'`),
    index("mails_ended").on(t.ended_at).where(sql`ended_at is not null`),
    index("mails_user").on(t.user_id, t.kind, t.created_at),
    index("mails_sender").on(t.sender_id, t.created_at).where(sql`sender_id is not null`),
    index("mails_lease").on(t.lease).where(sql`lease is not null`),
  ],
);

/** A row of `mails`. */
export type MailRow = typeof mails.$inferSelect;
