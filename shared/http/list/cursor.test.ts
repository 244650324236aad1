import { describe, expect, test } from "bun:test";
import { type ListSpec, pagePlan } from "./page.ts";

const key = new Uint8Array(32).fill(7);
const byId: ListSpec = { name: "things", order: [{ column: "id", direction: "asc" }] };

describe("a cursor", () => {
  const spec: ListSpec = { ...byId, filters: { status: "open", labels: ["a", "b"] } };
  const rows = [{ id: "001" }, { id: "002" }, { id: "003" }];
  const issue = (from: ListSpec) => pagePlan(key, { limit: 2 }, from).finish(rows).next_cursor ?? "";

  test("works again with the same filters, whatever their order", () => {
    const cursor = issue(spec);
    const reordered: ListSpec = { ...byId, filters: { labels: ["a", "b"], other: undefined, status: "open" } };
    expect(pagePlan(key, { cursor }, reordered).where.args).toEqual(["002"]);
  });

  const refused: [string, ListSpec, Uint8Array][] = [
    ["another list", { ...spec, name: "others" }, key],
    ["another filter", { ...spec, filters: { status: "closed", labels: ["a", "b"] } }, key],
    ["no filter", byId, key],
    ["another sort", { ...spec, order: [{ column: "title", direction: "asc" }] }, key],
    ["the other direction", { ...spec, order: [{ column: "id", direction: "desc" }] }, key],
    ["another key", spec, new Uint8Array(32).fill(8)],
  ];
  test.each(refused)("is refused with %s", (_name, other, otherKey) => {
    const cursor = issue(spec);
    expect(() => pagePlan(otherKey, { cursor }, other)).toThrow(
      expect.objectContaining({ code: "invalid_cursor", status: 422 }),
    );
  });

  test("is refused when any character of it is changed", () => {
    const cursor = issue(spec);
    for (let index = 0; index < cursor.length - 1; index++) {
      const forged = cursor.slice(0, index) + (cursor[index] === "A" ? "B" : "A") + cursor.slice(index + 1);
      expect(() => pagePlan(key, { cursor: forged }, spec)).toThrow(
        expect.objectContaining({ code: "invalid_cursor" }),
      );
    }
  });

  test.each(["", "a", "abc", "!!!", "AAAAA", "e30", "AAAAAAAAAAAAAAAAAAAAAA", "ä", "a b", `${"A".repeat(4000)}`])(
    "is refused when it is %p",
    (cursor) => {
      expect(() => pagePlan(key, { cursor }, spec)).toThrow(expect.objectContaining({ code: "invalid_cursor" }));
    },
  );

  test("is refused beside a skip", () => {
    expect(() => pagePlan(key, { cursor: "x", skip: 0 }, spec)).toThrow(
      expect.objectContaining({
        code: "validation_failed",
        errors: [{ path: "/query/skip", message: expect.any(String) }],
      }),
    );
  });
});
