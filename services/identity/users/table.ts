import { notPlain } from "@stoa/mail/address-key";
import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** People. `username` is always lower case; `email_key` is the e-mail as {@link emailKey} has it, by which it is unique. */
export const users = sqliteTable(
  "users",
  {
    id: text().primaryKey(),
    username: text().notNull().unique(),
    /** Null for corporate users without one. */
    email: text(),
    email_key: text().unique(),
    email_verified: integer({ mode: "boolean" }).notNull().default(false),
    /** A new e-mail that waits to be confirmed. */
    pending_email: text(),
    full_name: text(),
    /** The name as search compares it; null where SQL's `lower` makes the same of it. Whoever writes the name writes this. */
    name_key: text(),
    bio: text(),
    /** A PHC string; null for users who prove themselves elsewhere. */
    password_hash: text(),
    password_changed_at: text(),
    /** It was chosen under a second factor, and is too short without one. */
    password_short: integer({ mode: "boolean" }).notNull().default(false),
    is_active: integer({ mode: "boolean" }).notNull().default(true),
    is_superuser: integer({ mode: "boolean" }).notNull().default(false),
    mfa_enabled: integer({ mode: "boolean" }).notNull().default(false),
    last_login_at: text(),
    version: integer().notNull().default(1),
    created_at: text().notNull(),
    updated_at: text().notNull(),
  },
  (t) => [
    index("users_created_at").on(t.created_at, t.id),
    index("users_superusers").on(t.is_superuser, t.is_active).where(sql`is_superuser = 1`),
    // What `fold-keys.ts` looks for, and nearly nobody is in them.
    index("users_unfolded")
      .on(t.id)
      .where(sql`name_key is null and full_name ${sql.raw(notPlain)}`),
    index("users_email_unfolded")
      .on(t.id)
      .where(sql`email_key ${sql.raw(notPlain)}`),
  ],
);

/** Usernames that their users gave up, each for 30 days: until then nobody else takes it. */
export const formerUsernames = sqliteTable(
  "former_usernames",
  {
    username: text().primaryKey(),
    user_id: text()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    free_at: text().notNull(),
  },
  (t) => [index("former_usernames_user").on(t.user_id), index("former_usernames_free_at").on(t.free_at)],
);
