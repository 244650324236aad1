import { expect, test } from "bun:test";
import { formatPosition, journalName, noJournal, parsePosition } from "./position.ts";

test("a position is read as it was written, and nothing else is one", () => {
  const journals = { events: journalName("0a1b2c3d-0000-4000-8000-000000000000"), work: "ffffffff" };
  const position = { journals, places: { events: 42, marks: 40, work: 6.5 } };
  expect(formatPosition(position)).toBe("0a1b2c3d-42-40-ffffffff-6.5");
  expect(parsePosition("0a1b2c3d-42-40-ffffffff-6.5")).toEqual(position);
  const before = { journals: { ...journals, work: noJournal }, places: { events: 42, marks: 42, work: 0 } };
  expect(parsePosition(formatPosition(before))).toEqual(before);
  for (const text of [
    "",
    "42",
    "0a1b2c3d-42",
    "0a1b2c3d-42-40",
    "0a1b2c3d-42-40-ffffffff",
    "0a1b2c3d-42-40-ffffffff-",
    "0a1b2c3d-42-40-ffffffff--1",
    "0A1B2C3D-42-40-ffffffff-1",
    "0a1b2c3d-42-40-ffffffff-1.25",
    "0a1b2c3d-42-40-ffffffff-1-1",
    "0-42-40-0-0",
    " 0a1b2c3d-42-40-ffffffff-1",
  ]) {
    expect(parsePosition(text)).toBeUndefined();
  }
});
