import { computed, type Database, join, raw, returning, type Sql, select, sql } from "@stoa/db";
import { completedAt } from "./completed.ts";
import { headOf, type Range, type ReportedProject } from "./range.ts";
import type { CycleTime } from "./schema.ts";
import { reportCompletions } from "./table.ts";
import { segmentsOf } from "./zone.ts";

const shares = { p50: 0.5, p85: 0.85, p95: 0.95 } as const;
type Percentiles = Record<keyof typeof shares, number>;

const none = { finished: 0, excluded: 0, cycle_days: null, cycle_seconds: null, distribution: [] };

/**
 * How long the tasks took that were finished on one of the days, as of the end of the last one: from the first time that
 * someone worked on them to the last time that they became completed, by days and exactly.
 */
export async function cycleTime(db: Database, project: ReportedProject, range: Range): Promise<CycleTime> {
  return { ...headOf(project, range), ...(await cycleTimes(db, project.id, range)) };
}

/** The numbers of the report alone. */
export async function cycleTimes(db: Database, project_id: string, range: Range) {
  const { starts, end } = range;
  if (end === undefined) return none;
  const chosen = sql`from ${reportCompletions} c where c.project_id = ${project_id}
    and c.finished_at >= ${starts[0] ?? 0} and c.finished_at < ${end} and ${completedAt(project_id, sql`${end}`)}`;
  const [all] = await db.scan(
    select(
      {
        count: computed<number>(raw("count(*)")),
        started: computed<number>(raw("count(c.started_at)")),
        first: computed<number | null>(raw("min(c.started_at)")),
      },
      chosen,
    ),
  );
  if (!all || all.first === null) return { ...none, excluded: all?.count ?? 0 };
  const ranks = ranksOf(all.started);
  const dayOf = dayNumber(range.tz, all.first, end);
  const rows = await db.scan(
    returning(
      { kind: computed<"days" | "ms">(), value: computed<number>(), number: computed<number>() },
      sql`with chosen (start, finish) as materialized (select c.started_at, c.finished_at ${chosen} and c.started_at is not null)
        select 'days' as kind, ${dayOf("finish")} - ${dayOf("start")} + 1 as value, count(*) as number
          from chosen group by 2
        union all
        select 'ms', ms, rank from (select finish - start as ms, row_number() over (order by finish - start) as rank from chosen)
          where rank in (select value from json_each(${JSON.stringify(Object.values(ranks))}))`,
    ),
  );
  const distribution = rows
    .filter(({ kind }) => kind === "days")
    .map(({ value, number }) => ({ cycle_days: value, finished: number }))
    .sort((one, other) => one.cycle_days - other.cycle_days);
  const ms = new Map(rows.filter(({ kind }) => kind === "ms").map(({ value, number }) => [number, value]));
  return {
    finished: all.started,
    excluded: all.count - all.started,
    cycle_days: percentiles(ranks, (rank) => atRank(distribution, rank)),
    cycle_seconds: percentiles(ranks, (rank) => (ms.get(rank) ?? 0) / 1_000),
    distribution,
  };
}

/** Nearest rank: the smallest value that is at least as large as that share of all values. */
function ranksOf(count: number): Percentiles {
  return percentiles(shares, (share) => Math.ceil(count * share));
}

function percentiles(of: Percentiles, value: (of: number) => number): Percentiles {
  return { p50: value(of.p50), p85: value(of.p85), p95: value(of.p95) };
}

function atRank(distribution: CycleTime["distribution"], rank: number): number {
  let passed = 0;
  for (const { cycle_days, finished } of distribution) {
    passed += finished;
    if (passed >= rank) return cycle_days;
  }
  return 0;
}

/** SQL of the number of the day in a zone, counted from 1970, of a column with milliseconds between two moments. */
function dayNumber(zone: string, from: number, until: number): (column: string) => Sql {
  const [first, ...later] = segmentsOf(zone, from, until);
  return (column) => {
    const cases = later
      .toReversed()
      .map((segment) => sql`when ${raw(column)} >= ${segment.from} then ${segment.offset}`);
    const usual = sql`${first?.offset ?? 0}`;
    const offset = cases.length === 0 ? usual : sql`case ${join(cases, " ")} else ${usual} end`;
    return sql`(${raw(column)} + ${offset}) / 86400000`;
  };
}
