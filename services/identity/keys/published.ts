import type { JwkSet } from "@stoa/auth";
import { type Database, prepare, storedJson } from "@stoa/db";
import { and, asc, gt, isNull, ne, or, placeholder } from "drizzle-orm";
import { QueryBuilder } from "drizzle-orm/sqlite-core";
import { signingKeys } from "./table.ts";

const { status, expires_at } = signingKeys;

const publishedAt = prepare(
  new QueryBuilder()
    .select({ kid: signingKeys.kid, public_jwk: signingKeys.public_jwk })
    .from(signingKeys)
    .where(and(ne(status, "revoked"), or(isNull(expires_at), gt(expires_at, placeholder("now")))))
    .orderBy(asc(signingKeys.created_at), asc(signingKeys.kid)),
);

/** The published key set: every key that signs, will sign next, or signed tokens that may still live. */
export async function publishedKeys(db: Database, now: Date): Promise<JwkSet> {
  const rows = await db.query(publishedAt({ now: now.toISOString() }));
  return { keys: rows.map(({ kid, public_jwk }) => storedJson(public_jwk, "signing_keys.public_jwk", kid)) };
}
