import { expect, test } from "bun:test";
import { addDays, dayAt, offsetAt, SLOT_MS, segmentsOf, startOfDay, weekday } from "./zone.ts";

test("every zone's days begin with a quarter of an hour, at their first moment", () => {
  const faults = Intl.supportedValuesOf("timeZone").flatMap((zone) =>
    Array.from({ length: 24 }, (_, index) => addDays("2024-01-07", index * 91)).filter((day) => {
      const start = startOfDay(zone, day);
      return start % SLOT_MS !== 0 || dayAt(zone, start) !== day || dayAt(zone, start - 1) >= day;
    }),
  );
  expect(faults).toEqual([]);
});

test.each([
  ["Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00.000Z"],
  ["Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00.000Z"],
  ["Australia/Lord_Howe", "2026-10-04", "2026-10-03T13:30:00.000Z"],
  ["Australia/Lord_Howe", "2026-10-05", "2026-10-04T13:00:00.000Z"],
  // Clocks skipped midnight.
  ["America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00.000Z"],
  // Samoa left the day out.
  ["Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00.000Z"],
  ["Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00.000Z"],
  ["Africa/Casablanca", "2026-02-16", "2026-02-16T00:00:00.000Z"],
])("in %s %s begins at %s", (zone, day, start) => {
  expect(new Date(startOfDay(zone, day)).toISOString()).toBe(start);
});

test("segments are the offsets of a time, to the millisecond", () => {
  const [from, until] = [Date.parse("2026-03-01"), Date.parse("2026-12-01")];
  const hour = 3_600_000;
  expect(segmentsOf("Europe/Berlin", from, until)).toEqual([
    { from, offset: hour },
    { from: Date.parse("2026-03-29T01:00Z"), offset: 2 * hour },
    { from: Date.parse("2026-10-25T01:00Z"), offset: hour },
  ]);
  expect(offsetAt("Asia/Kathmandu", 0)).toBe(5.5 * hour);
  expect(["2026-11-23", "2026-11-29"].map(weekday)).toEqual([1, 7]);
});

test("formats are forgotten rather than kept for every name that is asked for", () => {
  const zones = Intl.supportedValuesOf("timeZone");
  const names = [...zones, ...zones.map((zone) => zone.toLowerCase()), ...zones.map((zone) => zone.toUpperCase())];
  expect(names.filter((name) => !dayAt(name, 43_200_000).startsWith("1970-01-0"))).toEqual([]);
  expect(dayAt("UTC", 0)).toBe("1970-01-01");
});
