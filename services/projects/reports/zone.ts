/** What days can begin at: every zone of today is a whole number of quarter hours away from UTC. Milliseconds. */
export const SLOT_MS = 900_000;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;

const formats = new Map<string, Intl.DateTimeFormat>();
/** Formats are costly to make, and clients choose the zones. */
const MOST_FORMATS = 1_000;

/** How far a zone's clocks are ahead of UTC at a moment; milliseconds. */
export function offsetAt(zone: string, time: number): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(time)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(time / 1_000) * 1_000;
}

/** The day that a zone's calendar shows at a moment: `2026-11-20`. */
export function dayAt(zone: string, time: number): string {
  return new Date(time + offsetAt(zone, time)).toISOString().slice(0, 10);
}

/**
 * The first moment of a day in a zone. It is midnight, or what follows it where clocks skip midnight; a day that a zone
 * has left out (Samoa, 2011-12-30) begins where the next one does.
 *
 * @param day `2026-11-20`
 */
export function startOfDay(zone: string, day: string): number {
  const midnight = Date.parse(day);
  const offset = offsetAt(zone, midnight);
  const usual = midnight - offset;
  if (offsetAt(zone, usual) === offset && offsetAt(zone, usual - SLOT_MS) === offset) return usual;
  // The clocks change near by: the first quarter of an hour whose local time is no earlier than midnight.
  let [before, from] = [midnight - 16 * HOUR_MS, midnight + 16 * HOUR_MS];
  while (from - before > SLOT_MS) {
    const middle = before + Math.floor((from - before) / 2 / SLOT_MS) * SLOT_MS;
    if (middle + offsetAt(zone, middle) >= midnight) from = middle;
    else before = middle;
  }
  return from;
}

/** The day a number of days later. */
export function addDays(day: string, count: number): string {
  return new Date(Date.parse(day) + count * DAY_MS).toISOString().slice(0, 10);
}

/** How many days it is from one day to another. */
export function daysFrom(first: string, last: string): number {
  return (Date.parse(last) - Date.parse(first)) / DAY_MS;
}

/** The day of the week by ISO 8601: Monday is 1, Sunday is 7. */
export function weekday(day: string): number {
  return new Date(Date.parse(day)).getUTCDay() || 7;
}

/** A time from which on a zone keeps an offset. */
export interface Segment {
  readonly from: number;
  readonly offset: number;
}

/** The offsets that a zone has from one moment to another, in order. No zone changes its clocks twice in a week. */
export function segmentsOf(zone: string, from: number, until: number): Segment[] {
  const segments = [{ from, offset: offsetAt(zone, from) }];
  for (let time = from; time < until; time += WEEK_MS) {
    const last = segments.at(-1)?.offset ?? 0;
    const offset = offsetAt(zone, time + WEEK_MS);
    if (offset !== last) segments.push({ from: changeIn(zone, time, last), offset });
  }
  return segments;
}

/** The moment within a week from which on the offset is another one. */
function changeIn(zone: string, start: number, offset: number): number {
  let [before, from] = [start, start + WEEK_MS];
  while (from - before > 1) {
    const middle = before + Math.floor((from - before) / 2);
    if (offsetAt(zone, middle) === offset) before = middle;
    else from = middle;
  }
  return from;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    if (formats.size >= MOST_FORMATS) formats.clear();
    formats.set(zone, format);
  }
  return format;
}
