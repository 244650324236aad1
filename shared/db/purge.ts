import type { Table } from "drizzle-orm";
import { breathe } from "./breathe.ts";
import type { Database } from "./database.ts";
import { type Sql, sql } from "./sql.ts";

/** A table whose rows are deleted when their time has passed. */
export interface Purge {
  readonly table: Table;
  /** The condition of the rows that may go; one that an index answers. */
  readonly past: (now: Date) => Sql;
}

/** Why the tables of a service that no purge empties keep their rows, by name. */
export type Kept = Readonly<Record<string, string>>;

/** Rows in one write: more would keep other writes waiting. */
export const PURGED_AT_ONCE = 1_000;

/**
 * Deletes everything that is past its time: a thousand rows in a write, and again until fewer are found, so that it keeps
 * up however fast rows are made. Other work runs between two writes.
 */
export async function purge(db: Database, purges: readonly Purge[], now: Date): Promise<void> {
  for (const { table, past } of purges) {
    for (let deleted = PURGED_AT_ONCE; deleted === PURGED_AT_ONCE; ) {
      const [result] = await db.write([
        sql`delete from ${table} where rowid in
          (select rowid from ${table} where ${past(now)} limit ${PURGED_AT_ONCE})`,
      ]);
      deleted = result.changes;
      await breathe();
    }
  }
}
