import { expect, test } from "bun:test";
import { countsFrom } from "./clock.ts";

test("an event counts from its own moment, but not from before the one ahead of it", () => {
  expect([countsFrom(5, 0), countsFrom(5, 5), countsFrom(4, 5)]).toEqual([5, 5, 5]);
});

test("one from more than a day earlier is believed: the clock before it ran ahead", () => {
  const day = 86_400_000;
  expect([countsFrom(day, 2 * day), countsFrom(day - 1, 2 * day)]).toEqual([2 * day, day - 1]);
});
