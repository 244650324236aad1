import { expect, test } from "bun:test";
import { readableLine, readableLines } from "./readable-line.ts";

const time = "2026-07-30T10:11:12.345Z";
const local = new Date(time).toTimeString().slice(0, 8);
const line = (members: object) => JSON.stringify({ level: "info", time, service: "projects", ...members });

test("a line has the time, the level, the message and the fields; without colours it is plain text", () => {
  const text = readableLine(line({ status: 200, route: "/api/v1/tasks", what: "two words", msg: "request" }), false);
  expect(text).toBe(`${local} INFO  request service=projects status=200 route=/api/v1/tasks what="two words"\n`);
});

test("a terminal gets each line readable", () => {
  const written: string[] = [];
  readableLines({ write: (text) => void written.push(text) }, false).write(line({ msg: "listening" }));
  expect(written).toEqual([`${local} INFO  listening service=projects\n`]);
});

test("levels have colours", () => {
  expect(readableLine(line({ level: "error", msg: "no" }), true)).toContain("\u001b[31mERROR\u001b[0m no");
  expect(readableLine(line({ msg: "yes" }), true)).toContain("\u001b[32mINFO \u001b[0m yes");
});

test("an error's stack stands below, and nothing from outside controls the terminal", () => {
  const text = readableLine(
    line({ level: "warn", msg: "a\u001b[2Jb", err: { stack: "Error: x\n    at y\u0007" } }),
    false,
  );
  expect(text).toBe(`${local} WARN  a [2Jb service=projects\n    Error: x\n        at y \n`);
});

test("a long list is shown by its ends, a short one whole", () => {
  const text = readableLine(
    line({ few: ["a", "b"], many: Array.from({ length: 41 }, (_, n) => `n${n}`), msg: "m" }),
    false,
  );
  expect(text).toBe(`${local} INFO  m service=projects few=["a","b"] many=[n0, … 39 more …, n40]\n`);
});
