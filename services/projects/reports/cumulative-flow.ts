import type { Database } from "@stoa/db";
import { headOf, type Range, type ReportedProject } from "./range.ts";
import { readCounts, statusCountsOf } from "./read-counts.ts";
import type { CumulativeFlow } from "./schema.ts";

const future = { arrivals: null, departures: null, by_status: null };

/**
 * How many tasks had arrived as work to do and how many had departed, up to the end of each day: lines that never fall,
 * whose distance is what remained. And how many stood at each status, which is another chart.
 */
export async function cumulativeFlow(db: Database, project: ReportedProject, range: Range): Promise<CumulativeFlow> {
  const { totals } = await readCounts(db, project.id, range);
  const days = range.days.map((day, index) => {
    const total = totals[index];
    if (!total) return { day, ...future };
    const { arrivals, departures } = total;
    return { day, arrivals, departures, by_status: statusCountsOf(total) };
  });
  return { ...headOf(project, range), days };
}
