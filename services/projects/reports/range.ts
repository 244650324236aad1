import { StoaError } from "@stoa/errors";
import type { Project } from "../projects/schema.ts";
import { MOST_DAYS, type ReportQuery, USUAL_DAYS } from "./schema.ts";
import { addDays, dayAt, daysFrom, startOfDay } from "./zone.ts";

/** What reports go by of a project. */
export type ReportedProject = Pick<Project, "id" | "timezone" | "working_days">;

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
 * @throws StoaError `validation_failed` for days in the wrong order, too many of them, or of other centuries.
 */
export function requireQuery({ from, to }: ReportQuery): void {
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
export function rangeOf(project: ReportedProject, query: ReportQuery, now: Date): Range {
  const tz = query.tz ?? project.timezone;
  const to = query.to ?? dayAt(tz, now.getTime());
  const from = query.from ?? addDays(to, 1 - USUAL_DAYS);
  const count = requireCount(from, to);
  const days = Array.from({ length: count }, (_, index) => addDays(from, index));
  const starts = [...days, addDays(to, 1)].map((day) => startOfDay(tz, day));
  const begun = starts.slice(0, -1).filter((start) => start <= now.getTime()).length;
  return { tz, days, starts, now: now.getTime(), begun, end: begun === 0 ? undefined : starts[begun] };
}

/** What each report begins with. */
export function headOf(project: ReportedProject, { tz, days, now, end }: Range) {
  return {
    project_id: project.id,
    from: days[0] ?? "",
    to: days.at(-1) ?? "",
    tz,
    as_of: end === undefined ? null : new Date(Math.min(end, now)).toISOString(),
  };
}

/** The days that may be asked for: outside of them nothing can have happened, and years have no four digits. */
const [earliest, latest] = ["1970-01-02", "9998-12-31"];

function requireCount(from: string, to: string): number {
  const count = daysFrom(from, to) + 1;
  if (count < 1) throw invalid("from", `The first day is later than the last one, ${to}.`);
  if (count > MOST_DAYS) throw invalid("from", `A report has at most ${MOST_DAYS} days; these would be ${count}.`);
  return count;
}

function requireDay(name: string, day: string | undefined): void {
  if (day === undefined) return;
  if (day < earliest || day > latest) throw invalid(name, `Name a day from ${earliest} to ${latest}.`);
}

function invalid(name: string, message: string): StoaError {
  return new StoaError("validation_failed", { errors: [{ path: `/query/${name}`, message }] });
}
