import { computed, type Database, raw, returning, sql } from "@stoa/db";
import { completedAt } from "./completed.ts";
import { headOf, type Range, type ReportedProject } from "./range.ts";
import type { Throughput } from "./schema.ts";
import { reportCompletions } from "./table.ts";

/**
 * How many tasks were finished on each day: those that stood completed at its end, and became so on that day. One that is
 * reopened on a later day stays in the number of the earlier one.
 */
export async function throughput(db: Database, project: ReportedProject, range: Range): Promise<Throughput> {
  const rows = await db.scan(
    returning(
      { day: computed<number>(), finished: computed<number>() },
      sql`with d (day, start, end) as materialized
          (select key, value ->> 0, value ->> 1 from json_each(${daysOf(range)}))
        select d.day, count(*) as finished from d cross join ${reportCompletions} c
        where c.project_id = ${project.id} and c.finished_at >= d.start and c.finished_at < d.end
          and ${completedAt(project.id, raw("d.end"))}
        group by d.day`,
    ),
  );
  const finished = new Map(rows.map((row) => [row.day, row.finished]));
  const days = range.days.map((day, index) => ({
    day,
    finished: index < range.begun ? (finished.get(index) ?? 0) : null,
  }));
  return { ...headOf(project, range), finished: rows.reduce((sum, row) => sum + row.finished, 0), days };
}

/** When each day that has begun starts and ends: JSON. */
function daysOf({ starts, begun }: Range): string {
  return JSON.stringify(starts.slice(0, begun).map((start, index) => [start, starts[index + 1]]));
}
