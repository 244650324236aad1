import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { users } from "../users/table.ts";

/**
 * What failures are counted by: the account, the address, and a device that the account is known from. Passwords asked
 * again (`proof`) and codes of the second factor (`code`) are counted by the user.
 */
export type ThrottleScope = "account" | "address" | "device" | "proof" | "code";

/** Failures since the last success, counted by account, by address and so on; forgotten after some quiet. */
export const loginThrottles = sqliteTable(
  "login_throttles",
  {
    /** The scope, and the user's id or a keyed hash: addresses and names that nobody has are never stored readably. */
    key: text().primaryKey(),
    scope: text().$type<ThrottleScope>().notNull(),
    user_id: text(),
    failures: integer().notNull(),
    failed_at: text().notNull(),
    /** Until when proofs are not judged; null below the limit. */
    blocked_until: text(),
    /** When the row may be deleted. */
    forgotten_at: text().notNull(),
  },
  (t) => [
    index("login_throttles_user").on(t.user_id).where(sql`user_id is not null`),
    index("login_throttles_forgotten_at").on(t.forgotten_at),
  ],
);

/**
 * What failed: a login, a code of the second factor, or a password asked again; or a login whose password was right, of
 * somebody whose second factor is asked for, or who is disabled.
 */
export type AttemptKind = "password" | "external" | "code" | "reauthentication" | "factor_missing" | "disabled";

/** Each failed login, and each right password that was not enough, kept 30 days for the audit trail: never its password, and only the keyed hash of its name. */
export const loginAttempts = sqliteTable(
  "login_attempts",
  {
    id: text().primaryKey(),
    /** Whose account it was; null for a name that nobody has. */
    user_id: text(),
    /** The keyed hash of a name that nobody has; null where there is a user. */
    name_hash: text(),
    kind: text().$type<AttemptKind>().notNull(),
    ip_address: text(),
    device_info: text(),
    request_id: text(),
    time: text().notNull(),
  },
  (t) => [index("login_attempts_user").on(t.user_id, t.time), index("login_attempts_time").on(t.time)],
);

/** Address and user agent, hashed, of successful logins of the last 30 days: failures of others do not block these. */
export const knownDevices = sqliteTable(
  "known_devices",
  {
    user_id: text()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    device_hash: text().notNull(),
    last_login_at: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.user_id, t.device_hash] }),
    index("known_devices_last_login_at").on(t.last_login_at),
  ],
);
