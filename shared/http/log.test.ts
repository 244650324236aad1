import { describe, expect, spyOn, test } from "bun:test";
import { consoleLogger, describeError, type LogLevel, lineLogger } from "./log.ts";

describe("a logger of lines", () => {
  const written = (level: LogLevel) => {
    const lines: string[] = [];
    const log = lineLogger("projects", level, (line) => lines.push(line));
    log.debug({ n: 1 }, "one");
    log.info({ n: 2 }, "two");
    log.warn({ n: 3 }, "three");
    log.error({ n: 4, err: new TypeError("odd", { cause: new Error("root") }) }, "four");
    return lines.map((line) => JSON.parse(line));
  };
  test("writes JSON lines from its level on", () => {
    expect(written("trace").map(({ msg }) => msg)).toEqual(["one", "two", "three", "four"]);
    expect(written("warn").map(({ level }) => level)).toEqual(["warn", "error"]);
    expect(written("info")[0]).toMatchObject({
      level: "info",
      service: "projects",
      n: 2,
      time: expect.stringMatching(/Z$/),
    });
  });
  test("that of the console prints them", () => {
    using print = spyOn(console, "log").mockImplementation(() => undefined);
    consoleLogger("projects").info({ n: 1 }, "one");
    expect(print.mock.calls.map(([line]) => JSON.parse(line).msg)).toEqual(["one"]);
  });
  test("says what an error was and what caused it", () => {
    expect(written("error")[0].err).toMatchObject({ type: "TypeError", message: "odd", cause: { message: "root" } });
  });
});

test("a line with a field that is no JSON names its fields and what was wrong, with each name once", () => {
  const lines: string[] = [];
  const log = lineLogger("stoa", "info", (line) => lines.push(line));
  const circle: Record<string, unknown> = {};
  circle["itself"] = circle;
  log.info({ circle, n: 1 }, "round");
  log.warn({ level: 7, time: "then", msg: "said", service: "projects" }, "one");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    msg: "round",
    unwritten: ["circle", "n"],
    err: { type: "TypeError" },
  });
  for (const name of ["level", "time", "msg", "service"]) expect(lines[1]?.split(`"${name}":`)).toHaveLength(2);
  expect(JSON.parse(lines[1] ?? "")).toMatchObject({
    level: "warn",
    level_: 7,
    time_: "then",
    msg_: "said",
    msg: "one",
  });
});

describe("an error in a log line", () => {
  test("has no values of a query", () => {
    const described = JSON.stringify(describeError(new Error("Failed query: select ?\nparams: ann@example.com,\nx")));
    expect(described).toContain("select ?");
    expect(described).not.toContain("ann@example.com");
  });
  test("ends after five causes, also in a circle", () => {
    const error = new Error("round");
    error.cause = error;
    expect(JSON.stringify(describeError(error)).match(/"round"/g)).toHaveLength(5);
  });
  test("has its code", () => {
    const error = Object.assign(new Error("database or disk is full"), { code: "SQLITE_FULL" });
    expect(describeError(error)).toMatchObject({ type: "Error", code: "SQLITE_FULL" });
  });
  test("that is none shows only its type", () => {
    expect(describeError("hunter2")).toEqual({ message: "A string was thrown." });
  });
});
