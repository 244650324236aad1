import { type Database, raw, type Sql, sql } from "@stoa/db";
import type { ServiceName } from "@stoa/events";
import { getTableName, type Table } from "drizzle-orm";
import { fingerprintSql } from "./table.ts";

/** What to rebuild. */
export interface RebuildOptions {
  /** The tables that are emptied, which only projections fill. */
  readonly projections: readonly Table[];
  /** The services whose events fill them. */
  readonly sources: readonly ServiceName[];
  /**
   * Needed only after a source's database was restored from a backup: the last sequence that it has in common with what
   * was applied before. Reactions are done again after it.
   */
  readonly reacted?: Readonly<Partial<Record<ServiceName, number>>>;
  /** Parked events of a source after this sequence are forgotten, because its restored journal no longer has them. */
  readonly forgotten?: Readonly<Partial<Record<ServiceName, number>>>;
}

/**
 * Empties a service's projections and sets its cursors to 0, in one batch. Running projectors notice it and apply all
 * events again. Reactions are not repeated, and parked events stay parked.
 */
export async function rebuildProjections(db: Database, options: RebuildOptions): Promise<void> {
  const empty = options.projections.map((table) => sql`delete from ${raw(`"${getTableName(table)}"`)}`);
  const forget = options.sources.flatMap((source) => {
    const after = options.forgotten?.[source];
    return after === undefined ? [] : [sql`delete from dead_letters where source = ${source} and sequence > ${after}`];
  });
  const back = options.sources.map((source) => rewind(source, options.reacted?.[source]));
  await db.write([...empty, ...forget, ...back]);
}

function rewind(source: ServiceName, reacted?: number): Sql {
  return sql`update cursors set prev = seq, seq = 0, event_id = null, reacted = min(reacted, ${reacted ?? Number.MAX_SAFE_INTEGER}),
    parked = ${raw(fingerprintSql(`'${source}'`))} where source = ${source}`;
}
