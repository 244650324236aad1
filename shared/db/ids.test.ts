import { expect, test } from "bun:test";
import { derivedId, ids, newId, timeOf } from "./ids.ts";

test("ids ascend within a process, also within a millisecond", () => {
  const made = Array.from({ length: 5_000 }, newId);
  expect(made.toSorted()).toEqual(made);
  expect(new Set(made).size).toBe(made.length);
});

test("ids are UUIDs of version 7, whose clock may stand still or go back, and which differ in their random part", () => {
  const start = 2 ** 41 + 12_345;
  const times = [start, start, start - 5_000, start + 1, 2 ** 47 + 1];
  const next = ids(() => times.shift() ?? 0);
  const made = Array.from({ length: 5 }, next);
  for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(made.map(timeOf)).toEqual([start, start, start, start + 1, 2 ** 47 + 1]);
  expect(made.toSorted()).toEqual(made);
  expect(new Set(made.map((id) => id.slice(-10))).size).toBe(made.length);
});

test("an id contains the time when it was made", () => {
  const before = Date.now();
  const time = timeOf(newId());
  expect(time).toBeGreaterThanOrEqual(before);
  expect(time).toBeLessThanOrEqual(Date.now());
});

test.each(["", "x", crypto.randomUUID(), "0193a000-0000-7000-c000-000000000000", `${newId()}0`])(
  "%p is not an id with a time",
  (id) => expect(timeOf(id)).toBeNaN(),
);

test("a derived id is the same for the same event and label, and differs otherwise", () => {
  const event = newId();
  const id = derivedId(event, "conversation");
  expect(derivedId(event, "conversation")).toBe(id);
  expect(derivedId(event, "message")).not.toBe(id);
  expect(derivedId(newId(), "conversation")).not.toBe(id);
});

test("a derived id is a UUIDv7 with its event's time", () => {
  const event = newId();
  expect(derivedId(event, "x")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(timeOf(derivedId(event, "x"))).toBe(timeOf(event));
});
