import type { JwkSet } from "@stoa/auth";
import { type Database, sql } from "@stoa/db";
import type { SigningKeyRow } from "./table.ts";

/** The published key set: whatever signs, will sign next, or signed tokens that may still live. */
export async function publishedKeys(db: Database, now: Date): Promise<JwkSet> {
  const rows = await db.query<Pick<SigningKeyRow, "public_jwk">>(
    sql`select public_jwk from signing_keys
        where status <> 'revoked' and (expires_at is null or expires_at > ${now.toISOString()}) order by created_at, kid`,
  );
  return { keys: rows.map((row) => JSON.parse(row.public_jwk)) };
}
