import { expect, test } from "bun:test";
import { temporaryDatabase } from "@stoa/testing";
import { composeOnce } from "./prepare.ts";
import { computed, select } from "./select.ts";
import { marked, type Sql, sql } from "./sql.ts";

test("a SELECT is composed once and filled with the values of each call, also where one stands twice", async () => {
  let times = 0;
  const pairOf = composeOnce((value: (name: "one" | "other") => Sql) => {
    times++;
    const columns = { a: computed<string>(value("one")), b: computed<string | null>(value("other")) };
    return select(columns, sql`where ${value("one")} <> ${"nothing"}`);
  });
  await using stored = await temporaryDatabase("messaging");
  expect(await stored.db.query(pairOf({ one: "x", other: null }))).toEqual([{ a: "x", b: null }]);
  expect(await stored.db.query(pairOf({ one: "y", other: "z" }))).toEqual([{ a: "y", b: "z" }]);
  expect(await stored.db.query(pairOf({ one: "nothing", other: "z" }))).toEqual([]);
  expect(times).toBe(1);
});

test("a condition keeps its marks and goes into other statements", () => {
  const mine = composeOnce((value: (name: "id") => Sql) => marked(sql`user_id = ${value("id")}`, "mine"));
  expect(sql`select 1 where ${mine({ id: "u" })} and x = ${1}`).toMatchObject({
    sql: "select 1 where user_id = ? and x = ?",
    args: ["u", 1],
    marks: ["mine"],
  });
});
