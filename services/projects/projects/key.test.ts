import { expect, test } from "bun:test";
import { keyPattern, suggestKey } from "./key.ts";

test.each([
  ["App", "APP"],
  ["Apollo", "APO"],
  ["Website relaunch 2026", "WR2"],
  ["A very long name of a project", "AVLN"],
  ["Ärger über Öl", "AUO"],
  ["3D printer", "P3P"],
  ["42", "P42"],
  ["x", "X"],
  ["プロジェクト", "PRJ"],
  ["—", "PRJ"],
])("the name %p suggests the key %p", (name, key) => {
  expect(suggestKey(name)).toBe(key);
  expect(key).toMatch(keyPattern);
});
