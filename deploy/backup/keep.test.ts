import { expect, test } from "bun:test";
import { keptOf } from "./keep.ts";

const days = (first: string, count: number, stepHours = 24) =>
  Array.from({ length: count }, (_, n) => Date.parse(`${first}Z`) - n * stepHours * 3_600_000);
const keptDays = (times: readonly number[]) =>
  [...keptOf(times)].sort((a, b) => b - a).map((time) => new Date(time).toISOString().slice(0, 16));

test.each<[string, number[], string[]]>([
  ["nothing", [], []],
  ["one", days("2026-11-28T03:00", 1), ["2026-11-28T03:00"]],
  [
    "of one day the newest five",
    days("2026-11-28T23:00", 24, 1),
    ["23", "22", "21", "20", "19"].map((hour) => `2026-11-28T${hour}:00`),
  ],
  [
    "of a month of days: seven days, four weeks that end on Sunday, two months",
    days("2026-11-28T03:00", 30),
    [
      ...["2026-11-28", "2026-11-27", "2026-11-26", "2026-11-25", "2026-11-24", "2026-11-23", "2026-11-22"],
      ...["2026-11-15", "2026-11-08", "2026-10-31"],
    ].map((day) => `${day}T03:00`),
  ],
  [
    "days without a backup do not count",
    [...days("2026-11-28T03:00", 1), ...days("2020-02-29T12:00", 8)],
    [
      "2026-11-28T03:00",
      // Six more days; the last one ends a week.
      ...["29", "28", "27", "26", "25", "24", "23"].map((day) => `2020-02-${day}T12:00`),
    ],
  ],
  [
    "a week begins on Monday, also across the end of a year",
    ["2027-01-04T00:00Z", "2027-01-03T23:59Z", "2026-12-31T12:00Z", "2026-12-28T00:00Z"].map(Date.parse),
    ["2027-01-04T00:00", "2027-01-03T23:59", "2026-12-31T12:00", "2026-12-28T00:00"],
  ],
])("%s", (_, times, expected) => {
  expect(keptDays(times)).toEqual(expected);
});

test("of three years of days: seven days, three older weeks, and the last of eleven older months", () => {
  const times = days("2026-11-28T03:00", 1_000);
  const kept = keptDays(times);
  expect(kept).toHaveLength(7 + 2 + 11);
  expect(kept.slice(-11).map((time) => time.slice(0, 10))).toEqual([
    ...["2026-10-31", "2026-09-30", "2026-08-31", "2026-07-31", "2026-06-30", "2026-05-31", "2026-04-30"],
    ...["2026-03-31", "2026-02-28", "2026-01-31", "2025-12-31"],
  ]);
});

test("what was kept stays kept until it is too old: backing up every six hours for two years loses no month", () => {
  let stored: number[] = [];
  for (const time of days("2026-11-28T03:00", 4 * 730, 6).reverse()) {
    const all = [...stored, time];
    const keep = keptOf(all);
    stored = all.filter((one) => keep.has(one));
  }
  const months = new Set(stored.map((time) => new Date(time).toISOString().slice(0, 7)));
  expect(months.size).toBe(12);
  expect(stored.length).toBeLessThanOrEqual(5 + 7 + 4 + 12);
});
