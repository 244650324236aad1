import { type Database, sql } from "@stoa/db";
import { keepReports } from "./keep.ts";
import {
  reportCompletions,
  reportCounts,
  reportCursor,
  reportDues,
  reportTasks,
  reportTrashings,
  reportWorkloads,
} from "./table.ts";

/** The tables that hold what reports are read from. */
export const reportTables = [
  reportTasks,
  reportCounts,
  reportWorkloads,
  reportCompletions,
  reportDues,
  reportTrashings,
  reportCursor,
] as const;

/** Empties what reports are read from, in one batch: the running service reads the journal again from its first event. */
export async function emptyReports(db: Database): Promise<void> {
  await db.write(reportTables.map((table) => sql`delete from ${table}`));
}

/** Makes it again from the journal. */
export async function rebuildReports(db: Database): Promise<void> {
  await emptyReports(db);
  await keepReports(db);
}
