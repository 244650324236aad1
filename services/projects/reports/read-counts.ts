import { computed, type Database, raw, returning, sql } from "@stoa/db";
import type { Count } from "./counted.ts";
import { slotAt } from "./counters.ts";
import { counts } from "./page.ts";
import type { Range } from "./range.ts";
import { reportCounts } from "./table.ts";

/** The counts of a project, by name: of a day what changed, of a moment what there is. */
export type Counts = Readonly<Record<Count, number>>;

/** How the counts of a project went. */
export interface CountSeries {
  /** Before the first day. */
  readonly before: Counts;
  /** What changed on each day that has begun. */
  readonly changes: readonly Counts[];
  /** What there was at the end of each day that has begun. */
  readonly totals: readonly Counts[];
}

const day = computed<number>();
const numbers = Object.fromEntries(counts.map((count) => [count, computed<number>()])) as {
  [C in Count]: typeof day;
};
const sums = raw(counts.map((count) => `coalesce(sum(c.${count}), 0) as ${count}`).join(", "));

/**
 * How the counts of a project went, day by day. What was before the first day is the sum of whole days in UTC and of the
 * last one's quarters of an hour, so that it costs as much as there were days.
 */
export async function readCounts(db: Database, project_id: string, range: Range): Promise<CountSeries> {
  const start = range.starts[0] ?? 0;
  const slot = slotAt(15, start);
  const whole = slotAt(1440, start);
  const mine = sql`c.project_id = ${project_id}`;
  const rows = await db.scan(
    returning(
      { day, ...numbers },
      sql`with d (day, first, next) as materialized
          (select key, value ->> 0, value ->> 1 from json_each(${daySlots(range)}))
        select -1 as day, ${sums} from ${reportCounts} c where ${mine} and c.grain = 1440 and c.slot < ${whole}
        union all
        select -1, ${sums} from ${reportCounts} c
        where ${mine} and c.grain = 15 and c.slot >= ${whole * 96} and c.slot < ${slot}
        union all
        select d.day, ${sums} from d cross join ${reportCounts} c
        where ${mine} and c.grain = 15 and c.slot >= d.first and c.slot < d.next group by d.day`,
    ),
  );
  const before = plus(rows.filter((row) => row.day === -1));
  const changes = Array.from({ length: range.begun }, (_, index) => plus(rows.filter((row) => row.day === index)));
  let total = before;
  const totals = changes.map((change) => {
    total = plus([total, change]);
    return total;
  });
  return { before, changes, totals };
}

/** The first slot of each day, and that of the next one: JSON. */
function daySlots({ starts, begun }: Range): string {
  const slots = starts.slice(0, begun + 1).map((start) => slotAt(15, start));
  return JSON.stringify(slots.slice(1).map((slot, index) => [slots[index], slot]));
}

function plus(many: readonly Counts[]): Counts {
  const sum = (count: Count) => many.reduce((total, one) => total + one[count], 0);
  return Object.fromEntries(counts.map((count) => [count, sum(count)])) as Record<Count, number>;
}

/** Tasks in a project's scope: all but the cancelled ones. */
export function scopeOf(counts: Counts): number {
  return remainingOf(counts) + counts.completed;
}

/** Tasks that are still to be done. */
export function remainingOf({ pending, in_progress, in_review }: Counts): number {
  return pending + in_progress + in_review;
}

/** The tasks at each status alone. */
export function statusCountsOf({ pending, in_progress, in_review, completed, cancelled }: Counts) {
  return { pending, in_progress, in_review, completed, cancelled };
}
