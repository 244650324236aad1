import { expect, test } from "bun:test";
import { differences } from "./openapi.ts";

test("two documents differ by the operations that came, went or changed", () => {
  const before = { paths: { "/a": { get: { summary: "A" }, post: { summary: "B" } }, "/b": { get: {} } } };
  const after = { paths: { "/a": { get: { summary: "A" }, post: { summary: "C" } }, "/c": { put: {} } } };
  expect(differences(before, after)).toEqual(["- GET /b", "~ POST /a", "+ PUT /c"]);
  expect(differences(before, before)).toEqual([]);
});
