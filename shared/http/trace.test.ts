import { describe, expect, test } from "bun:test";
import { requestId, traceIdOf, traceparent } from "./trace.ts";

const trace = "0af7651916cd43dd8448eb211c80319c";
const good = `00-${trace}-b7ad6b7169203331-01`;

describe("request id", () => {
  test("1 to 128 printable characters are kept", () => {
    for (const sent of ["a", "x".repeat(128), "order 7/é".slice(0, 8)]) expect(requestId(sent)).toBe(sent);
  });
  test("anything else is replaced by a UUIDv7", () => {
    for (const sent of [null, "", "x".repeat(129), "a\tb", "é"])
      expect(requestId(sent)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });
});

describe("trace context", () => {
  test("one that is valid goes through", () => expect(traceparent(good)).toBe(good));
  test("a later version is cut to what is known", () => {
    expect(traceparent(`01-${trace}-b7ad6b7169203331-01-more`)).toBe(`01-${trace}-b7ad6b7169203331-01`);
  });
  const bad = [
    null,
    "",
    "x",
    good.toUpperCase(),
    `${good}-more`,
    `ff-${trace}-b7ad6b7169203331-01`,
    `00-${"0".repeat(32)}-b7ad6b7169203331-01`,
    `00-${trace}-${"0".repeat(16)}-01`,
  ];
  for (const sent of bad) {
    test(`${sent} begins a new trace`, () => {
      const made = traceparent(sent);
      expect(made).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
      expect(made).not.toContain(trace);
    });
  }
  test("its trace id is its second part", () => expect(traceIdOf(good)).toBe(trace));
});
