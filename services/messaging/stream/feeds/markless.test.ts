import { expect, test } from "bun:test";
import { Markless } from "./markless.ts";

const sent = (seq: number) => ({ seq, type: "message.sent" as const });
const read = (seq: number) => ({ seq, type: "read.moved" as const });

test("only where rows were read, and none was a mark, is known that there is none", () => {
  const markless = new Markless();
  expect(markless.covers(4, 5)).toBe(false);
  markless.note(4, [sent(5), sent(6)], 6);
  expect([markless.covers(4, 6), markless.covers(5, 6), markless.covers(6, 6)]).toEqual([true, true, true]);
  expect([markless.covers(3, 6), markless.covers(4, 7)]).toEqual([false, false]);
  markless.note(6, [sent(7)], 7);
  expect(markless.covers(4, 7)).toBe(true);
  // A gap was not read.
  markless.note(9, [sent(10)], 10);
  expect([markless.covers(7, 10), markless.covers(9, 10)]).toEqual([false, true]);
});

test("behind the last mark there is none, up to where was read", () => {
  const markless = new Markless();
  markless.note(0, [sent(1), read(2), read(3), sent(4)], 4);
  expect([markless.covers(1, 4), markless.covers(2, 4), markless.covers(3, 4)]).toEqual([false, false, true]);
  // What is read once more from before says no more than it saw.
  markless.note(1, [read(2)], 2);
  expect([markless.covers(1, 2), markless.covers(2, 2), markless.covers(3, 4)]).toEqual([false, true, false]);
});
