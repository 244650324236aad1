import { type Database, insertRow, type Purge, type Sql, select, sql } from "@stoa/db";
import { index, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { Part } from "./command.ts";

/** The `Idempotency-Key`s of create requests, and what each created. They are kept for {@link idempotencyHours}. */
export const idempotency = sqliteTable(
  "idempotency",
  {
    user_id: text().notNull(),
    method: text().notNull(),
    path: text().notNull(),
    key: text().notNull(),
    /** HMAC-SHA-256 of the body's canonical JSON. */
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

/** A key with its scope: the user, the method and the path that it was sent with. */
export interface IdempotencyKey {
  readonly user_id: string;
  readonly method: string;
  readonly path: string;
  readonly key: string;
}

/**
 * Makes the part of a command that stores its key, once the command knows the id of what it creates. The guard demands
 * that the key was not used, and the effect stores it with the resource. A command that fails does not use the key up.
 */
export type Claim = (resource_id: string) => Part;

/** The claim of a request without a key: it has no guard and no effect. */
export const unclaimed: Claim = () => ({});

/** What a key was used for. */
export interface UsedKey {
  readonly body_hash: string;
  readonly resource_id: string;
}

/**
 * The claim of a request with a key.
 *
 * @param now the time of the request
 */
export function claimKey(key: IdempotencyKey, body_hash: string, now: Date): Claim {
  return (resource_id) => ({
    guard: sql`not exists (select 1 from ${idempotency} where ${isKey(key)})`,
    effects: (happened) => [
      insertRow(idempotency, { ...key, body_hash, resource_id, created_at: now.toISOString() }, happened),
    ],
  });
}

/** What the key was used for within the last {@link idempotencyHours}; undefined when it was not used. */
export async function usedKey(db: Database, key: IdempotencyKey, now: Date): Promise<UsedKey | undefined> {
  const { body_hash, resource_id, created_at } = idempotency;
  const [row] = await db.query(
    select({ body_hash, resource_id, created_at }, sql`from ${idempotency} where ${isKey(key)}`),
  );
  if (!row || row.created_at > oldest(now)) return row;
  await db.write([sql`delete from idempotency where ${isKey(key)} and created_at <= ${oldest(now)}`]);
  return undefined;
}

/** Keys go when they are no longer remembered. */
export const keyPurge: Purge = {
  table: idempotency,
  past: (now) => sql`${idempotency.created_at} <= ${oldest(now)}`,
};

function isKey({ user_id, method, path, key }: IdempotencyKey): Sql {
  return sql`user_id = ${user_id} and method = ${method} and path = ${path} and key = ${key}`;
}

function oldest(now: Date): string {
  return new Date(now.getTime() - idempotencyHours * 3_600_000).toISOString();
}
