import { computed, type Database, join, raw, returning, type Sql, select, sql } from "@stoa/db";
import { journal } from "@stoa/journal";
import { completedAt, inTrashAt } from "./completed.ts";
import { headOf, type Range, type ReportedProject } from "./range.ts";
import type { CycleTime } from "./schema.ts";
import { reportCompletions } from "./table.ts";
import { segmentsOf } from "./zone.ts";

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
  const dayOf = dayNumber(range.tz, await firstMoment(db), end);
  const rows = await db.scan(
    returning(
      { kind: computed<"count" | "days" | "ms">(), value: computed<number>(), number: computed<number>() },
      sql`with chosen (start, finish) as materialized (
          select c.started_at, c.finished_at from ${reportCompletions} c
          where c.project_id = ${project_id} and c.finished_at >= ${starts[0] ?? 0} and c.finished_at < ${end}
            and ${completedAt(sql`${end}`)} and not ${inTrashAt(project_id, sql`${end}`)}),
        timed (ms) as materialized (select finish - start from chosen where start is not null order by 1)
        select 'count' as kind, count(*) as value, count(start) as number from chosen
        union all
        select 'days', ${dayOf("finish")} - ${dayOf("start")} + 1, count(*) from chosen where start is not null group by 2
        union all
        ${join(shares.map(msAt), " union all ")}`,
    ),
  );
  const [all] = rows.filter(({ kind }) => kind === "count");
  const distribution = rows
    .filter(({ kind }) => kind === "days")
    .map(({ value, number }) => ({ cycle_days: value, finished: number }))
    .sort((one, other) => one.cycle_days - other.cycle_days);
  const seconds = new Map(rows.filter(({ kind }) => kind === "ms").map(({ value, number }) => [number, value / 1_000]));
  const finished = all?.number ?? 0;
  return {
    finished,
    excluded: (all?.value ?? 0) - finished,
    cycle_days: percentiles(finished, (share) => atRank(distribution, rankOf(share, finished))),
    cycle_seconds: percentiles(finished, (share) => seconds.get(share) ?? 0),
    distribution,
  };
}

/** The percentiles that are told. */
const shares = [50, 85, 95] as const;

/** Nearest rank: which of the sorted values is the smallest that so many per cent do not exceed, counted from 1. */
const rankOf = (share: number, count: number) => Math.ceil((count * share) / 100);
/** The same in SQL: a row at most. A subselect that is materialized is read in the order in which it was made. */
const msAt = (share: number) =>
  raw(`select 'ms', ms, ${share} from (select ms from timed
    limit 1 offset (select max(0, (count(start) * ${share} + 99) / 100 - 1) from chosen))`);

function percentiles(count: number, at: (share: number) => number): CycleTime["cycle_days"] {
  const [p50, p85, p95] = shares.map(at);
  return count === 0 ? null : { p50: p50 ?? 0, p85: p85 ?? 0, p95: p95 ?? 0 };
}

function atRank(distribution: CycleTime["distribution"], rank: number): number {
  let passed = 0;
  for (const { cycle_days, finished } of distribution) {
    passed += finished;
    if (passed >= rank) return cycle_days;
  }
  return 0;
}

/** When the journal begins: nothing was started before. */
async function firstMoment(db: Database): Promise<number> {
  const [row] = await db.query(select({ time: journal.time }, sql`from ${journal} where ${journal.seq} = 1`));
  return Date.parse(row?.time ?? "1970-01-01");
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
