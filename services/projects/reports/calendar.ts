import type { Project } from "../projects/schema.ts";

/** By what a project's days are counted. */
export interface Calendar {
  /** IANA name. */
  readonly timezone: string;
  /** By ISO 8601: Monday is 1. */
  readonly working_days: readonly number[];
}

/** A project's calendar. */
export function calendarOf(_project: Project): Calendar {
  return { timezone: "UTC", working_days: [1, 2, 3, 4, 5] };
}
