import type { Database } from "@stoa/db";
import { burndown } from "@stoa/projects/reports/burndown";
import { cumulativeFlow } from "@stoa/projects/reports/cumulative-flow";
import { cycleTime } from "@stoa/projects/reports/cycle-time";
import { keepReports } from "@stoa/projects/reports/keep";
import { overdue } from "@stoa/projects/reports/overdue";
import { rangeOf } from "@stoa/projects/reports/range";
import { throughput } from "@stoa/projects/reports/throughput";
import { workload } from "@stoa/projects/reports/workload";
import { random } from "../random.ts";
import { append, type Happening, type History, historyOf, interleaved } from "./histories.ts";
import { type Asked, Replay } from "./replay.ts";

/** Zones whose days differ: whole, half and quarter hours, and changes of the clocks by an hour and by half an hour. */
export const zones = [
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Africa/Casablanca",
];

const DAY_MS = 86_400_000;
const DAYS = 16;
const working_days = [1, 2, 3, 4, 5];

/** Around the days on which clocks change, in one zone or another; one after another, as a journal goes on. */
function beginOf(round: number): number {
  const starts = ["02-26", "03-26", "09-26", "10-22"];
  return Date.parse(`${2024 + Math.floor(round / starts.length)}-${starts[round % starts.length]}T06:00:00Z`);
}

/** What was compared, and what differed. */
export interface Comparison {
  readonly reports: number;
  readonly faults: readonly string[];
}

/**
 * Makes random histories, has the service keep them, and compares its reports in every zone with a replay: in the middle
 * of the histories, and at their end. What it had said of days that were over must be said again to the byte.
 *
 * @param round later rounds on the same database go on in time
 */
export async function compareRound(
  db: Database,
  options: { seed: number; round: number; histories: number },
): Promise<Comparison> {
  const source = random(options.seed * 1_000_003 + options.round);
  const begin = beginOf(options.round);
  const histories = Array.from({ length: options.histories }, () => historyOf(source, begin, DAYS));
  const journal = interleaved(histories);
  const moments = momentsOf(journal);
  const half = journal.findLastIndex((_, index) => (moments[index] ?? 0) < begin + (DAYS / 2) * DAY_MS) + 1;
  const middle = moments[half - 1] ?? begin;
  const faults: string[] = [];
  const said = new Map<string, readonly string[]>();
  let reports = 0;

  const check = async (upTo: number, now: number) => {
    await keepReports(db);
    for (const [index, history] of histories.entries()) {
      const replay = replayOf(history, journal, moments, upTo);
      for (const [which, project_id] of history.projects.entries()) {
        for (const tz of zones) {
          const name = `seed ${options.seed}, round ${options.round}, history ${index}, project ${which}, ${tz}`;
          // Half of them end on a day that is over.
          const days = index % 2 === 0 ? DAYS + 1 : 2 + ((index + tz.length) % DAYS);
          const found = await reportsOf(db, project_id, tz, { begin, days, now });
          const wanted = expected(replay, project_id, found.asked);
          for (const [report, answer] of Object.entries(found.answers)) {
            reports++;
            const [one, other] = [JSON.stringify(answer), JSON.stringify(wanted[report])];
            if (one !== other) faults.push(`${name}, ${report}:\n  found  ${one}\n  wanted ${other}`);
          }
          const over = pastDays(found.answers, found.past);
          const before = said.get(name) ?? [];
          if (before.some((text, at) => over[at] !== text)) faults.push(`${name}: past days have changed`);
          said.set(name, over);
        }
      }
    }
  };

  await append(db, journal.slice(0, half));
  await check(half, middle);
  await append(db, journal.slice(half));
  await check(journal.length, begin + DAYS * DAY_MS);
  return { reports, faults };
}

/** The moment from which each event counts: no event counts from before one that was written earlier. */
function momentsOf(journal: readonly Happening[]): number[] {
  let latest = 0;
  return journal.map(({ time }) => {
    latest = Math.max(latest, time);
    return latest;
  });
}

function replayOf({ happenings }: History, journal: readonly Happening[], moments: readonly number[], upTo: number) {
  const mine = new Set(happenings);
  const chosen = journal.flatMap((happening, index) =>
    index < upTo && mine.has(happening) ? [{ happening, moment: moments[index] ?? 0 }] : [],
  );
  return new Replay(
    chosen.map(({ happening }) => happening),
    chosen.map(({ moment }) => moment),
  );
}

/** Days with a number each, by report. */
type Days = readonly { readonly day: string }[];

/** @param asked from the day after `begin` on, so many days */
async function reportsOf(db: Database, id: string, tz: string, asking: { begin: number; days: number; now: number }) {
  const { begin, days, now } = asking;
  const day = (time: number) => new Date(time).toISOString().slice(0, 10);
  const query = { tz, from: day(begin + DAY_MS), to: day(begin + days * DAY_MS) };
  const project = { id, timezone: "UTC", working_days };
  const range = rangeOf(project, query, new Date(now));
  const asked: Asked = { tz, days: range.days, working_days, now };
  const bare = <T extends object>({ project_id, from, to, tz, as_of, ...rest }: T & Record<string, unknown>) => rest;
  const answers: Record<string, unknown> = {
    burndown: (await burndown(db, project, range)).days,
    cumulativeFlow: (await cumulativeFlow(db, project, range)).days,
    throughput: (await throughput(db, project, range)).days,
    cycleTime: bare(await cycleTime(db, project, range)),
    workload: bare(await workload(db, project, range)),
    overdue: bare(await overdue(db, project, range)),
  };
  return { asked, answers, past: Math.max(0, range.begun - 1) };
}

function expected(replay: Replay, project_id: string, asked: Asked): Record<string, unknown> {
  return {
    burndown: replay.burndown(project_id, asked),
    cumulativeFlow: replay.cumulativeFlow(project_id, asked),
    throughput: replay.throughput(project_id, asked),
    cycleTime: replay.cycleTime(project_id, asked),
    workload: replay.workload(project_id, asked),
    overdue: replay.overdue(project_id, asked),
  };
}

/** What was said of each day that is over. */
function pastDays(answers: Record<string, unknown>, past: number): string[] {
  const series = ["burndown", "cumulativeFlow", "throughput"].map((name) => answers[name] as Days);
  return Array.from({ length: past }, (_, index) => JSON.stringify(series.map((days) => days[index])));
}
