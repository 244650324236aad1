import type { LoginMethod, SecondFactor, SessionEndReason } from "@stoa/events";
import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { users } from "../users/table.ts";

/**
 * Logins. Of the refresh token only the counter is stored: the token itself is the session, the counter and an HMAC
 * over both.
 */
export const sessions = sqliteTable(
  "sessions",
  {
    id: text().primaryKey(),
    user_id: text()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** The counter of the one active refresh token, from 0. */
    counter: integer().notNull().default(0),
    /** When the active token replaced its parent, and with which `Idempotency-Key`. */
    rotated_at: text(),
    rotation_key: text(),
    /** When the user last proved who they are; seconds since 1970. */
    auth_time: integer().notNull(),
    /** The first proof: `password` or `external`. */
    method: text().$type<LoginMethod>().notNull(),
    /** The second, if there was one, at the login or later: `totp` or `recovery_code`. Tokens say it in `amr`. */
    second_factor: text().$type<SecondFactor>(),
    device_info: text(),
    ip_address: text(),
    created_at: text().notNull(),
    last_seen_at: text().notNull(),
    expires_at: text().notNull(),
    ended_at: text(),
    end_reason: text().$type<SessionEndReason>(),
  },
  (t) => [
    index("sessions_user").on(t.user_id, t.created_at, t.id),
    index("sessions_expires_at").on(t.expires_at).where(sql`ended_at is null`),
    index("sessions_ended_at").on(t.ended_at).where(sql`ended_at is not null`),
  ],
);

/** A row of `sessions`. */
export type SessionRow = typeof sessions.$inferSelect;
