import { type Database, insertRow, type Sql, select, sql } from "@stoa/db";
import { index, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { Part } from "./command.ts";

/** What creates were asked for with an `Idempotency-Key`, and what they made. Kept for {@link idempotencyHours}. */
export const idempotency = sqliteTable(
  "idempotency",
  {
    user_id: text().notNull(),
    method: text().notNull(),
    path: text().notNull(),
    key: text().notNull(),
    /** SHA-256 of the body's canonical JSON. */
    body_hash: text().notNull(),
    resource_id: text().notNull(),
    created_at: text().notNull(),
  },
  (t) => [
    uniqueIndex("idempotency_key").on(t.user_id, t.method, t.path, t.key),
    index("idempotency_created_at").on(t.created_at),
  ],
);

/** How long a key is remembered. */
export const idempotencyHours = 24;

/** What a key belongs to. */
export interface IdempotencyKey {
  readonly user_id: string;
  readonly method: string;
  readonly path: string;
  readonly key: string;
}

/**
 * Makes the part of a command that uses a key up, once the command knows what it creates: nobody has used the key, and
 * from now on it belongs to this resource. A failed command does not use it up.
 */
export type Claim = (resource_id: string) => Part;

/** The claim of a request without a key. */
export const unclaimed: Claim = () => ({});

/** What became of a key. */
export interface UsedKey {
  readonly body_hash: string;
  readonly resource_id: string;
}

/** Claims a key for a command. @param now the moment of the request */
export function claimKey(key: IdempotencyKey, body_hash: string, now: Date): Claim {
  return (resource_id) => ({
    guard: sql`not exists (select 1 from ${idempotency} where ${isKey(key)})`,
    effects: (happened) => [
      insertRow(idempotency, { ...key, body_hash, resource_id, created_at: now.toISOString() }, happened),
    ],
  });
}

/** How the key was used, if it was within the last {@link idempotencyHours}. */
export async function usedKey(db: Database, key: IdempotencyKey, now: Date): Promise<UsedKey | undefined> {
  const { body_hash, resource_id, created_at } = idempotency;
  const [row] = await db.query(
    select({ body_hash, resource_id, created_at }, sql`from ${idempotency} where ${isKey(key)}`),
  );
  if (!row || row.created_at > oldest(now)) return row;
  await db.write([sql`delete from idempotency where ${isKey(key)} and created_at <= ${oldest(now)}`]);
  return undefined;
}

/** Forgets keys past their time, at most a thousand in a statement: for a periodic job. */
export function purgeKeys(now: Date): Sql {
  return sql`delete from idempotency where rowid in
    (select rowid from idempotency where created_at <= ${oldest(now)} limit 1000)`;
}

function isKey({ user_id, method, path, key }: IdempotencyKey): Sql {
  return sql`user_id = ${user_id} and method = ${method} and path = ${path} and key = ${key}`;
}

function oldest(now: Date): string {
  return new Date(now.getTime() - idempotencyHours * 3_600_000).toISOString();
}
