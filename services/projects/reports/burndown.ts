import type { Database } from "@stoa/db";
import { headOf, type Range, type ReportedProject } from "./range.ts";
import { readCounts, remainingOf, scopeOf } from "./read-counts.ts";
import type { Burndown } from "./schema.ts";
import { weekday } from "./zone.ts";

const future = { scope: null, done: null, remaining: null, added: null, removed: null };

/** What was in a project's scope, what of it was done, and what was still to do, at the end of each day. */
export async function burndown(db: Database, project: ReportedProject, range: Range): Promise<Burndown> {
  const { totals, changes } = await readCounts(db, project.id, range);
  const ideal = idealLine(range.days, project.working_days, totals[0] && remainingOf(totals[0]));
  const days = range.days.map((day, index) => {
    const [total, change] = [totals[index], changes[index]];
    const line = { ideal: ideal[index] ?? null };
    if (!total || !change) return { day, ...future, ...line };
    const { added, removed } = change;
    return {
      day,
      scope: scopeOf(total),
      done: total.completed,
      remaining: remainingOf(total),
      added,
      removed,
      ...line,
    };
  });
  return { ...headOf(project, range), days };
}

/**
 * The line from what remained at the end of the first day to nothing at the end of the last one. It falls by the same
 * amount on each working day after the first and is flat on other days.
 *
 * @param working_days by ISO 8601: Monday is 1
 * @param remaining at the end of the first day; undefined when it has not begun
 * @returns to two decimals
 */
export function idealLine(
  days: readonly string[],
  working_days: readonly number[],
  remaining: number | undefined,
): (number | null)[] {
  if (remaining === undefined) return days.map(() => null);
  let worked = 0;
  const steps = days.map((day, index) => {
    if (index > 0 && working_days.includes(weekday(day))) worked++;
    return worked;
  });
  const share = (step: number) => (worked === 0 ? 1 : 1 - step / worked);
  return steps.map((step) => Math.round(remaining * share(step) * 100) / 100);
}
