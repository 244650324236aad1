import { StoaError } from "@stoa/errors";
import type { Project } from "../projects/schema.ts";
import { calendarOf } from "./calendar.ts";
import { MOST_DAYS, type ReportQuery, USUAL_DAYS } from "./schema.ts";
import { addDays, dayAt, daysFrom, isZone, startOfDay } from "./zone.ts";

/** The days of a report, in a zone. Times are milliseconds. */
export interface Range {
  readonly tz: string;
  /** `2026-11-20` … */
  readonly days: readonly string[];
  /** When each day begins, and last when the last one ends. */
  readonly starts: readonly number[];
  readonly now: number;
  /** How many of the days have begun: the others are future. */
  readonly begun: number;
  /** The end of the last day that has begun; undefined when none has. */
  readonly end: number | undefined;
}

/**
 * Checks what a query says by itself, before anything is looked at.
 *
 * @throws StoaError `validation_failed` for a zone that does not exist, a day that no calendar has, days in the wrong
 *   order or too many of them.
 */
export function requireQuery({ from, to, tz }: ReportQuery): void {
  if (tz !== undefined && !isZone(tz)) throw invalid("tz", "There is no time zone of this name; one is Europe/Berlin.");
  requireDay("from", from);
  requireDay("to", to);
  if (from !== undefined && to !== undefined) requireCount(from, to);
}

/**
 * The days that a query asks for.
 *
 * @throws StoaError `validation_failed` when today, where it is one end of them, puts them in the wrong order or makes
 *   them too many.
 */
export function rangeOf(project: Project, query: ReportQuery, now: Date): Range {
  const tz = query.tz ?? calendarOf(project).timezone;
  const to = query.to ?? dayAt(tz, now.getTime());
  const from = query.from ?? addDays(to, 1 - USUAL_DAYS);
  const count = requireCount(from, to);
  const days = Array.from({ length: count }, (_, index) => addDays(from, index));
  const starts = [...days, addDays(to, 1)].map((day) => startOfDay(tz, day));
  const begun = starts.slice(0, -1).filter((start) => start <= now.getTime()).length;
  return { tz, days, starts, now: now.getTime(), begun, end: begun === 0 ? undefined : starts[begun] };
}

/** What each report begins with. */
export function headOf(project: Project, { tz, days, now, end }: Range) {
  return {
    project_id: project.id,
    from: days[0] ?? "",
    to: days.at(-1) ?? "",
    tz,
    as_of: end === undefined ? null : new Date(Math.min(end, now)).toISOString(),
  };
}

/** The years that a day may be of: outside of them nothing can have happened, and days have no four digits. */
const [earliest, latest] = ["1970-01-02", "9998-12-31"];

function requireCount(from: string, to: string): number {
  const count = daysFrom(from, to) + 1;
  if (count < 1) throw invalid("from", `The first day is later than the last one, ${to}.`);
  if (count > MOST_DAYS) throw invalid("from", `A report has at most ${MOST_DAYS} days; these would be ${count}.`);
  return count;
}

function requireDay(name: string, day: string | undefined): void {
  if (day === undefined) return;
  const time = Date.parse(day);
  const exists = !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
  if (!exists || day < earliest || day > latest) throw invalid(name, "There is no such day in the calendar.");
}

function invalid(name: string, message: string): StoaError {
  return new StoaError("validation_failed", { errors: [{ path: `/query/${name}`, message }] });
}
