import type { Database } from "../../database.ts";
import { raw } from "../../sql.ts";

/**
 * That both indexes of a table hold exactly what its rows say: FTS5 compares each entry.
 *
 * SQLite 3.45, which sqld has, leaves an empty page behind when `secure-delete` takes the last word from it, and then calls
 * the index malformed, although it finds what it should. Merging drops such pages, so that is done first on a server.
 *
 * @throws DatabaseError when one of them differs
 */
export async function requireIntact(db: Database, table: string): Promise<void> {
  const indexes = [`${table}_words`, `${table}_substrings`];
  if (db.kind === "http")
    await db.write(indexes.map((name) => raw(`insert into ${name} (${name}) values ('optimize')`)));
  await db.write(indexes.map((name) => raw(`insert into ${name} (${name}, rank) values ('integrity-check', 1)`)));
}
