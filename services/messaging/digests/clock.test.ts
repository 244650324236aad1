import { expect, test } from "bun:test";
import { dayIn, nextDayIn, quietUntil } from "./clock.ts";

const at = (time: string) => new Date(time);
const berlin = { from: "22:00", to: "07:00", tz: "Europe/Berlin" };
const noon = { from: "12:00", to: "13:30", tz: "America/New_York" };

test.each([
  ["in the evening", berlin, "2026-11-20T21:00:00.000Z", "2026-11-21T06:00:00.000Z"],
  ["after midnight", berlin, "2026-11-21T02:17:42.500Z", "2026-11-21T06:00:00.000Z"],
  ["in their last minute", berlin, "2026-11-21T05:59:59.999Z", "2026-11-21T06:00:00.000Z"],
  ["when they are over", berlin, "2026-11-21T06:00:00.000Z", undefined],
  ["before they begin", berlin, "2026-11-20T20:59:59.999Z", undefined],
  ["in the middle of the day", noon, "2026-11-20T17:00:00.000Z", "2026-11-20T18:30:00.000Z"],
  ["outside of those", noon, "2026-11-20T12:30:00.000Z", undefined],
  ["in the night when the clock is set forward", berlin, "2026-03-28T23:00:00.000Z", "2026-03-29T05:00:00.000Z"],
  ["in the night when it is set back", berlin, "2026-10-24T23:00:00.000Z", "2026-10-25T06:00:00.000Z"],
  [
    "east of everything",
    { ...berlin, tz: "Pacific/Kiritimati" },
    "2026-11-20T10:00:00.000Z",
    "2026-11-20T17:00:00.000Z",
  ],
])("quiet hours, %s", (_, hours, now, until) => {
  expect(quietUntil(hours, at(now))?.toISOString()).toBe(until);
});

test.each([
  ["UTC", "2026-11-20T23:59:59.999Z", "2026-11-20", "2026-11-21T00:00:00.000Z"],
  ["UTC", "2026-11-20T00:00:00.000Z", "2026-11-20", "2026-11-21T00:00:00.000Z"],
  ["Asia/Tokyo", "2026-11-20T15:00:00.000Z", "2026-11-21", "2026-11-21T15:00:00.000Z"],
  ["America/New_York", "2026-11-20T04:00:00.000Z", "2026-11-19", "2026-11-20T05:00:00.000Z"],
  ["Europe/Berlin", "2026-03-28T23:30:00.000Z", "2026-03-29", "2026-03-29T22:00:00.000Z"],
  ["Europe/Berlin", "2026-10-24T22:30:00.000Z", "2026-10-25", "2026-10-25T23:00:00.000Z"],
])("in %s at %s it is %s, and the next day begins at %s", (tz, now, day, next) => {
  expect([dayIn(tz, at(now)), nextDayIn(tz, at(now)).toISOString()]).toEqual([day, next]);
});
