/** How many backups are kept: the newest, and the newest of each of so many days, weeks and months. */
export const kept = { newest: 5, days: 7, weeks: 4, months: 12 } as const;

const DAY_MS = 86_400_000;

/**
 * Which backups are kept: the newest five, so that one that somebody makes before an upgrade outlasts those that follow on
 * the same day, and the newest of each of the last seven days, four weeks and twelve months that have one. Days without a
 * backup do not count, so that old backups stay when new ones are no longer made. Days, weeks (from Monday) and months are
 * UTC's.
 *
 * @param times when they were made, in any order; milliseconds since 1970
 */
export function keptOf(times: readonly number[], counts: typeof kept = kept): Set<number> {
  const newestFirst = [...times].sort((a, b) => b - a);
  return new Set([
    ...newestFirst.slice(0, counts.newest),
    ...newestOfEach(newestFirst, counts.days, (time) => Math.floor(time / DAY_MS)),
    // The first day of 1970 was a Thursday.
    ...newestOfEach(newestFirst, counts.weeks, (time) => Math.floor((time / DAY_MS + 3) / 7)),
    ...newestOfEach(newestFirst, counts.months, (time) => new Date(time).toISOString().slice(0, 7)),
  ]);
}

function newestOfEach(newestFirst: readonly number[], count: number, periodOf: (time: number) => number | string) {
  const newest = new Map<number | string, number>();
  for (const time of newestFirst) {
    const period = periodOf(time);
    if (!newest.has(period) && newest.size < count) newest.set(period, time);
  }
  return newest.values();
}
