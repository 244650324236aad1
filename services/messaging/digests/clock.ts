import type { QuietHours } from "../preferences/schema.ts";

const MINUTE_MS = 60_000;
const DAY = 24 * 60;

/** The calendar and the clock of a time zone at a moment. */
interface Local {
  /** `2026-11-20` */
  readonly day: string;
  /** Minutes since midnight, by the clock. */
  readonly minute: number;
}

function localAt(tz: string, moment: Date): Local {
  const format = Intl.DateTimeFormat("en", {
    ...{ timeZone: tz, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit" },
    ...{ hour: "2-digit", minute: "2-digit" },
  });
  const parts = new Map(format.formatToParts(moment).map(({ type, value }) => [type, value]));
  const { year, month, day, hour, minute } = Object.fromEntries(parts);
  return { day: `${year}-${month}-${day}`, minute: Number(hour) * 60 + Number(minute) };
}

/** The day of the calendar that it is in a time zone. @param tz an IANA name */
export function dayIn(tz: string, moment: Date): string {
  return localAt(tz, moment).day;
}

/** When the next day begins in a time zone. */
export function nextDayIn(tz: string, moment: Date): Date {
  return nextAt(tz, moment, 0);
}

/** When the quiet hours end in which a moment lies; undefined for one outside of them. */
export function quietUntil({ from, to, tz }: QuietHours, moment: Date): Date | undefined {
  const { minute } = localAt(tz, moment);
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  const isQuiet = begin < end ? begin <= minute && minute < end : begin <= minute || minute < end;
  return isQuiet ? nextAt(tz, moment, end) : undefined;
}

/** `07:30` → 450 */
function minutesOf(clock: string): number {
  const [hours, minutes] = clock.split(":").map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

/** When a clock shows a time next, to the minute. It is put right where the clock is changed in between. */
function nextAt(tz: string, moment: Date, wanted: number): Date {
  const start = Math.floor(moment.getTime() / MINUTE_MS) * MINUTE_MS;
  const ahead = (wanted - localAt(tz, moment).minute + DAY) % DAY || DAY;
  const first = start + ahead * MINUTE_MS;
  const off = (localAt(tz, new Date(first)).minute - wanted + DAY + DAY / 2) % DAY;
  return new Date(first - (off - DAY / 2) * MINUTE_MS);
}
