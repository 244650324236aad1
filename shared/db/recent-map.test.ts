import { expect, test } from "bun:test";
import { recentMap } from "./recent-map.ts";

test("it has at most as many entries as it may, and forgets what was used longest ago", () => {
  const map = recentMap<number>(3);
  for (const [value, key] of ["a", "b", "c"].entries()) map.set(key, value);
  expect(map.get("a")).toBe(0);
  map.set("d", 3);
  expect(["a", "b", "c", "d"].map((key) => map.get(key))).toEqual([0, undefined, 2, 3]);
});
