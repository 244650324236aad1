import { expect, test } from "bun:test";
import { raw } from "@stoa/db";
import { isNamed, namedBy } from "./named.ts";

const asker = { user_id: "a" };

test("`me` is the asker, and `none` is nobody", () => {
  expect(namedBy(asker, ["b", "me"])).toEqual({ ids: ["b", "a"], nobody: false });
  expect(namedBy(asker, ["none", "b"])).toEqual({ ids: ["b"], nobody: true });
});

test.each([
  [["b"], "u in (?)", ["b"]],
  [["me", "b"], "u in (?, ?)", ["a", "b"]],
  [["none"], "u is null", []],
  [["none", "me"], "(u in (?) or u is null)", ["a"]],
])("%p is a condition of a column", (users, text, args) => {
  const condition = isNamed(raw("u"), namedBy(asker, users));
  expect([condition.sql, condition.args]).toEqual([text, args]);
});
