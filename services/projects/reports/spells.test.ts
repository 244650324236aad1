import { expect, test } from "bun:test";
import { Spells } from "./spells.ts";
import { SLOT_MS } from "./zone.ts";

const spells = (kept: readonly [string, number][] = []) => new Spells<{ kind: string }>(new Map(kept));

test("a spell that begins and ends on a page is kept when a quarter of an hour ends within it", () => {
  const page = spells();
  page.change("a", undefined, { kind: "x" }, { seq: 1, at: SLOT_MS - 1 });
  page.change("a", { kind: "x" }, undefined, { seq: 2, at: SLOT_MS });
  page.change("b", undefined, { kind: "x" }, { seq: 3, at: SLOT_MS });
  page.change("b", { kind: "x" }, undefined, { seq: 4, at: 2 * SLOT_MS - 1 });
  expect(page.begun()).toEqual([{ kind: "x", row: 1, task_id: "a", since: SLOT_MS - 1, until: SLOT_MS }]);
  expect([page.rowOf("a"), page.rowOf("b"), page.ended()]).toEqual([null, null, []]);
});

test("one from before ends where it is no more so, or is so otherwise; the same again changes nothing", () => {
  const page = spells([
    ["a", 7],
    ["b", 8],
  ]);
  page.change("a", { kind: "x" }, { kind: "x" }, { seq: 9, at: 1 });
  expect([page.rowOf("a"), page.ended()]).toEqual([7, []]);
  page.change("a", { kind: "x" }, { kind: "y" }, { seq: 10, at: 2 });
  page.change("b", { kind: "x" }, undefined, { seq: 11, at: 3 });
  expect(page.ended()).toEqual([
    { row: 7, until: 2 },
    { row: 8, until: 3 },
  ]);
  expect([page.rowOf("a"), page.rowOf("b")]).toEqual([10, null]);
  expect(page.begun()).toEqual([{ kind: "y", row: 10, task_id: "a", since: 2, until: null }]);
});
