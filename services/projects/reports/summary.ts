import type { Database } from "@stoa/db";
import { cycleTimes } from "./cycle-time.ts";
import { countOverdue } from "./overdue.ts";
import { headOf, type Range, type ReportedProject } from "./range.ts";
import { readCounts, remainingOf, scopeOf, statusCountsOf } from "./read-counts.ts";
import type { Summary } from "./schema.ts";

/** The numbers of the other reports in one: what there is at the end of the last day, and what happened on the days. */
export async function summary(db: Database, project: ReportedProject, range: Range): Promise<Summary> {
  const { totals, changes, before } = await readCounts(db, project.id, range);
  const total = totals.at(-1) ?? before;
  const { distribution, ...cycle } = await cycleTimes(db, project.id, range);
  return {
    ...headOf(project, range),
    scope: scopeOf(total),
    done: total.completed,
    remaining: remainingOf(total),
    by_status: statusCountsOf(total),
    added: changes.reduce((sum, { added }) => sum + added, 0),
    removed: changes.reduce((sum, { removed }) => sum + removed, 0),
    overdue: await countOverdue(db, project.id, range),
    ...cycle,
  };
}
