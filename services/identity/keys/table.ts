import { sql } from "drizzle-orm";
import { sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { KeyStatus } from "./schema.ts";

/** Keys that sign access tokens. At most one is `active` and one `next`: the indexes refuse another. */
export const signingKeys = sqliteTable(
  "signing_keys",
  {
    kid: text().primaryKey(),
    alg: text().notNull(),
    status: text().$type<KeyStatus>().notNull(),
    /** The public JWK, JSON. */
    public_jwk: text().notNull(),
    /** The private JWK, sealed (`seal.ts`). */
    private_key: text().notNull(),
    created_at: text().notNull(),
    activated_at: text(),
    /** When a retiring or revoked key leaves the published set. */
    expires_at: text(),
  },
  (t) => [
    uniqueIndex("signing_keys_active").on(t.status).where(sql`status = 'active'`),
    uniqueIndex("signing_keys_next").on(t.status).where(sql`status = 'next'`),
  ],
);

/** A row of `signing_keys`. */
export type SigningKeyRow = typeof signingKeys.$inferSelect;
