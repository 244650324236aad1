import type { LoginMethod } from "@stoa/events";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { users } from "../users/table.ts";

const user = () =>
  text()
    .notNull()
    .references(() => users.id, { onDelete: "cascade" });

/** Authenticator apps, one for each user. An app counts once it is confirmed. */
export const totpFactors = sqliteTable("totp_factors", {
  user_id: user().primaryKey(),
  /** The secret, sealed under `SECRET_KEY` (`seal.ts`). */
  secret: text().notNull(),
  /** The time step of the last code that was used: neither that code nor an earlier one works again. */
  last_step: integer().notNull().default(0),
  created_at: text().notNull(),
  confirmed_at: text(),
});

/** A row of `totp_factors`. */
export type TotpFactorRow = typeof totpFactors.$inferSelect;

/** Recovery codes that were not used yet, as SHA-256: 80 random bits need no salt. */
export const recoveryCodes = sqliteTable(
  "recovery_codes",
  { user_id: user(), code_hash: text().notNull(), created_at: text().notNull() },
  (t) => [primaryKey({ columns: [t.user_id, t.code_hash] })],
);

/** Logins whose password was right and that wait for the second factor, each with its `mfa_token`. */
export const mfaChallenges = sqliteTable(
  "mfa_challenges",
  {
    token_hash: text().primaryKey(),
    user_id: user(),
    /** How the user proved themselves so far: the session's `method`. */
    method: text().$type<LoginMethod>().notNull(),
    /** When the password was set that was proven: a new password since makes the challenge worthless. */
    password_changed_at: text(),
    /** To whom of a corporate directory the login links the user, as JSON (`PendingLink`); null: to nobody. */
    link: text(),
    tries: integer().notNull().default(0),
    created_at: text().notNull(),
    expires_at: text().notNull(),
  },
  (t) => [index("mfa_challenges_user").on(t.user_id), index("mfa_challenges_expires_at").on(t.expires_at)],
);

/** A row of `mfa_challenges`. */
export type MfaChallengeRow = typeof mfaChallenges.$inferSelect;
