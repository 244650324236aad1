import { storedJson } from "@stoa/db";
import { sql } from "drizzle-orm";
import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { users } from "../users/table.ts";

/**
 * The people of corporate directories whom users are linked to. The key is the directory's origin and its own id of the
 * person; never the e-mail, which can be given to someone else.
 */
export const externalIdentities = sqliteTable(
  "external_identities",
  {
    origin: text().notNull(),
    guid: text().notNull(),
    user_id: text()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** What they last logged in with, by which they also prove themselves; `account_id` as JSON, as it was sent. */
    account_id: text().notNull(),
    username: text().notNull(),
    /** The username without case, in every script; null until it is made of a row from before. */
    username_key: text(),
    created_at: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.origin, t.guid] }),
    index("external_identities_user").on(t.user_id),
    index("external_identities_unfolded").on(t.origin, t.guid).where(sql`username_key is null`),
    index("external_identities_login").on(t.origin, t.account_id, t.username_key),
  ],
);

/** A row of `external_identities`. */
export type ExternalIdentityRow = typeof externalIdentities.$inferSelect;

/** Reads `account_id`. */
export function accountIdOf(json: string): string | number {
  return storedJson(json, "external_identities.account_id");
}
