import { expect, test } from "bun:test";
import { outcomeOf, RETRY_MS } from "./outcome.ts";

const now = new Date("2026-11-20T09:00:00.000Z");
const after = (ms: number) => ({ kind: "retry" as const, at: new Date(now.getTime() + ms) });

test("any 2xx is delivered; 410 says that the receiver is gone", () => {
  for (const status of [200, 201, 204, 299]) expect(outcomeOf({ status }, 1, now)).toEqual({ kind: "delivered" });
  expect(outcomeOf({ status: 410 }, 1, now)).toEqual({ kind: "gone" });
});

test.each([null, 101, 301, 302, 307, 400, 401, 404, 429, 500, 502, 503])("%p is tried again", (status) => {
  expect(outcomeOf({ status }, 1, now)).toEqual(after(60_000));
});

test("after a minute, ten, an hour and six hours, and then given up", () => {
  const waits = [1, 2, 3, 4].map((attempts) => outcomeOf({ status: 500 }, attempts, now));
  expect(waits).toEqual(RETRY_MS.map(after));
  expect(RETRY_MS).toEqual([60_000, 600_000, 3_600_000, 21_600_000]);
  expect(outcomeOf({ status: 500 }, 5, now)).toEqual({ kind: "failed" });
});

test("Retry-After puts it off, in seconds or to a date, for a day at most; it never brings it forward", () => {
  const asked = (retry_after: string, attempts = 1) => outcomeOf({ status: 429, retry_after }, attempts, now);
  expect(asked("120")).toEqual(after(120_000));
  expect(asked("1")).toEqual(after(60_000));
  expect(asked("Fri, 20 Nov 2026 10:00:00 GMT")).toEqual(after(3_600_000));
  expect(asked("Fri, 20 Nov 2020 10:00:00 GMT")).toEqual(after(60_000));
  expect(asked("99999999")).toEqual(after(86_400_000));
  expect(asked("soon")).toEqual(after(60_000));
  expect(asked("", 2)).toEqual(after(600_000));
});
