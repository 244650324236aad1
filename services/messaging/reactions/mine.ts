import { among, type Database, select, sql } from "@stoa/db";
import { alias } from "drizzle-orm/sqlite-core";
import { reactions } from "./table.ts";

const r = alias(reactions, "r");

/** What users reacted with to messages, by `<message> <user>`. It does not check who may see them. */
export async function reactionsOf(
  db: Database,
  message_ids: readonly string[],
  users: ReadonlySet<string>,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  if (message_ids.length === 0) return new Map();
  const { message_id, user_id, emoji } = r;
  const rows = await db.query(
    select({ message_id, user_id, emoji }, sql`from ${r} where ${message_id} in ${among(message_ids)}`),
  );
  const theirs = Map.groupBy(
    rows.filter((row) => users.has(row.user_id)),
    (row) => `${row.message_id} ${row.user_id}`,
  );
  return new Map([...theirs].map(([key, own]) => [key, new Set(own.map((row) => row.emoji))]));
}
