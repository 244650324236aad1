import type { Actor } from "@stoa/auth";
import type { Database } from "@stoa/db";
import type { StoreDeps } from "../deps.ts";
import { readProject } from "../projects/read.ts";
import { type Range, type ReportedProject, rangeOf, requireQuery } from "./range.ts";
import { reportsReady } from "./ready.ts";
import type { ReportQuery } from "./schema.ts";

/**
 * Makes a report of a project for those who see it.
 *
 * @param make what reads the numbers
 * @throws StoaError `not_found`, `forbidden`, `validation_failed` for the days and the zone.
 */
export async function report<R>(
  { db, now }: StoreDeps,
  actor: Actor,
  id: string,
  query: ReportQuery,
  make: (db: Database, project: ReportedProject, range: Range) => Promise<R>,
): Promise<R> {
  requireQuery(query);
  const project = await readProject(db, actor, id);
  const range = rangeOf(project, query, now());
  await reportsReady(db);
  return make(db, project, range);
}
