import { expect, test } from "bun:test";
import { formatPosition, journalName, parsePosition } from "./position.ts";

test("a position is read as it was written, and nothing else is one", () => {
  const position = { journal: journalName("0a1b2c3d-0000-4000-8000-000000000000"), seq: 42 };
  expect(formatPosition(position)).toBe("0a1b2c3d-42");
  expect(parsePosition("0a1b2c3d-42")).toEqual(position);
  for (const text of [
    "",
    "42",
    "0a1b2c3d",
    "0a1b2c3d-",
    "0a1b2c3d--1",
    "0A1B2C3D-42",
    "0a1b2c3d-4.2",
    ` 0a1b2c3d-42`,
  ]) {
    expect(parsePosition(text)).toBeUndefined();
  }
});
