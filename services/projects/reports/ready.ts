import { computed, type Database, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { journal } from "@stoa/journal";
import { keepReports } from "./keep.ts";
import { reportCursor } from "./table.ts";

/** How long a report waits until the journal is read to its end; milliseconds. */
const PATIENCE_MS = 5_000;

const position = {
  read: computed<number>(sql`coalesce((select ${reportCursor.seq} from ${reportCursor}), 0)`),
  last: computed<number>(sql`coalesce((select max(${journal.seq}) from ${journal}), 0)`),
};

/** The `seq` up to which the journal was read for reports. */
export async function reportsReadTo(db: Database): Promise<number> {
  const [row] = await db.query(select(position, sql``));
  return row?.read ?? 0;
}

/**
 * Lets a report see every event of the journal. The service reads it every some seconds, so that little is left to do,
 * except after an upgrade or a rebuild.
 *
 * @throws StoaError `unavailable` when that takes longer than a client should wait; it goes on meanwhile
 */
export async function reportsReady(db: Database, patience = PATIENCE_MS): Promise<void> {
  const [row] = await db.query(select(position, sql``));
  if (row?.read === row?.last) return;
  const end = performance.now() + patience;
  let late = false;
  await keepReports(db, () => {
    late = performance.now() > end;
    return late;
  });
  if (late) {
    throw new StoaError("unavailable", {
      detail: "The history of this server is being read for reports; try again after the time in Retry-After.",
      headers: { "retry-after": "10" },
    });
  }
}
