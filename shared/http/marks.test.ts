import { describe, expect, test } from "bun:test";
import { hasLongRun, withoutLongRuns } from "./marks.ts";

describe("30 combining marks in a row are text, and one more is not", () => {
  const marks: readonly [what: string, mark: string][] = [
    ["an acute accent", "\u0301"],
    ["a mark of another alphabet", "\u0e38"],
    ["a mark beyond the BMP", "\u{1d165}"],
    ["a variation selector beyond the BMP", "\u{e0101}"],
  ];
  for (const [what, mark] of marks) {
    test(`${what}, wherever the run begins`, () => {
      for (let before = 0; before <= 64; before++) {
        const letters = "x".repeat(before);
        expect(hasLongRun(`${letters}${mark.repeat(30)}y`)).toBe(false);
        expect(hasLongRun(`${letters}${mark.repeat(31)}y`)).toBe(true);
        expect(hasLongRun(`${letters}${mark.repeat(31)}`)).toBe(true);
      }
    });
  }
  test("marks of several kinds are one run", () => {
    expect(hasLongRun(`a${"\u0316\u0301".repeat(15)}`)).toBe(false);
    expect(hasLongRun(`a${"\u0316\u0301".repeat(15)}\u{1d165}`)).toBe(true);
  });
  test("a letter between two runs parts them, at every place", () => {
    const run = "\u0301".repeat(30);
    for (let before = 0; before <= 31; before++) {
      expect(hasLongRun("\u0301".repeat(before % 31) + "a".concat(run).repeat(9))).toBe(false);
    }
  });
  test("a run behind many that are just short enough is found", () => {
    const runs = `a${"\u0301".repeat(30)}`.repeat(100);
    expect([hasLongRun(runs), hasLongRun(`${runs}\u0301`)]).toEqual([false, true]);
  });
});

test("letters, emoji, surrogates on their own and the empty text have no run", () => {
  for (const text of [
    "",
    "x".repeat(1_000),
    "é漢字".repeat(500),
    "👩‍👩‍👧".repeat(500),
    "\udc00".repeat(99),
    "\ud800".repeat(99),
  ]) {
    expect(hasLongRun(text)).toBe(false);
  }
});

test("a text is cut to 30 marks in a row, at every place, and stays as it is otherwise", () => {
  const run = "\u0316\u0301".repeat(20);
  expect(withoutLongRuns(`a${run}b${run}`)).toBe(`a${run.slice(0, 30)}b${run.slice(0, 30)}`);
  const fine = `a${run.slice(0, 30)}b`;
  expect(withoutLongRuns(fine)).toBe(fine);
});
