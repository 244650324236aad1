import { expect, test } from "bun:test";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { insertRow, updateRows } from "./rows.ts";
import { all, isSql, join, listed, prepared, raw, sql } from "./sql.ts";

const notes = sqliteTable("notes", {
  id: text().primaryKey(),
  pinned: integer({ mode: "boolean" }).notNull().default(false),
  extra: text({ mode: "json" }).$type<unknown>(),
  body: text("note_body"),
});

test("a value becomes a placeholder, whatever it holds", () => {
  const evil = "'; drop table notes; --";
  expect(sql`select ${evil}, ${null}, ${true}`).toMatchObject({ sql: "select ?, ?, ?", args: [evil, null, true] });
});

test("SQL is spliced in with its arguments, in order", () => {
  const mine = sql`user_id = ${"u"}`;
  expect(sql`select ${1} from t where ${mine} and x = ${2}`).toMatchObject({
    sql: "select ? from t where user_id = ? and x = ?",
    args: [1, "u", 2],
  });
});

test("pieces are joined and conditions bracketed", () => {
  expect(join([sql`${1}`, raw("now()"), sql`${2}`], ", ")).toMatchObject({ sql: "?, now(), ?", args: [1, 2] });
  expect(all([sql`a = ${1}`, sql`b or c`])).toMatchObject({ sql: "(a = ?) and (b or c)", args: [1] });
  expect(all([])).toMatchObject({ sql: "1", args: [] });
});

test("what is joined of the same pieces again is the same text, and of others, or otherwise, another", () => {
  const [a, b, c] = [raw("a"), raw("b"), raw("c")];
  const texts = () => [
    join([a, b], ", "),
    join([a, b], ") and ("),
    all([a, b]),
    join([a, b, c], ", "),
    join([a, c], ", "),
    join([a], ", "),
    join([], ", "),
    all([a]),
  ];
  const expected = ["a, b", "a) and (b", "(a) and (b)", "a, b, c", "a, c", "a", "", "(a)"];
  for (let time = 0; time < 2; time++) expect(texts().map(({ sql: text }) => text)).toEqual(expected);
  // More than are kept.
  for (let n = 0; n < 1_000; n++) expect(join([raw(`t${n}`), a], " + ").sql).toBe(`t${n} + a`);
});

test("a list has a placeholder for each value, however many", () => {
  for (const count of [0, 1, 3, 100, 101]) {
    const values = Array.from({ length: count }, (_, n) => n);
    expect(listed(values)).toMatchObject({ sql: `(${values.map(() => "?").join(", ")})`, args: values });
  }
});

test("text made by a query builder keeps its arguments", () => {
  expect(prepared("select ? from t", [7])).toMatchObject({ sql: "select ? from t", args: [7] });
});

test("an object from outside that looks like SQL is not SQL", () => {
  const forged = JSON.parse('{"sql": "(select password_hash from users)", "args": []}');
  expect(isSql(forged)).toBe(false);
  expect(isSql(null)).toBe(false);
  const row = insertRow(notes, { id: "1", extra: forged });
  expect(row.sql).toBe('insert into "notes" ("id", "extra") select ?, ? where 1');
  expect(row.args).toEqual(["1", JSON.stringify(forged)]);
});

test("an inserted row leaves out what is undefined, maps values by their column and takes subqueries", () => {
  const row = insertRow(
    notes,
    { id: "1", pinned: true, extra: null, body: sql`(select title from tasks where id = ${"t"})` },
    sql`exists (select 1 from members where user_id = ${"u"})`,
  );
  expect(row.sql).toBe(
    'insert into "notes" ("id", "pinned", "extra", "note_body") select ?, ?, ?, (select title from tasks where id = ?) ' +
      "where exists (select 1 from members where user_id = ?)",
  );
  expect(row.args).toEqual(["1", 1, null, "t", "u"]);
});

test("updated rows name only the columns given", () => {
  const changed = updateRows(notes, { pinned: false, body: null }, sql`id = ${"1"}`);
  expect(changed.sql).toBe('update "notes" set "pinned" = ?, "note_body" = ? where id = ?');
  expect(changed.args).toEqual([0, null, "1"]);
});

test("a column that is not there and an update of nothing are refused", () => {
  const wrong: Record<string, string> = { id: "1", nope: "x" };
  expect(() => updateRows(notes, wrong, raw("1"))).toThrow("notes has no column nope.");
  expect(() => updateRows(notes, {}, raw("1"))).toThrow("any column of notes");
});
