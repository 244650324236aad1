import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type TemporaryDirectory, temporaryDirectory } from "@stoa/testing";
import { alias, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { type Database, openDatabase } from "./database.ts";
import { computed, nullable, pickColumns, returning, select, selectDistinct } from "./select.ts";
import { raw, sql } from "./sql.ts";

const books = sqliteTable("books", {
  id: integer().primaryKey(),
  title: text().notNull(),
  lent: integer({ mode: "boolean" }).notNull(),
  author_id: integer(),
});
const authors = sqliteTable("authors", { id: integer().primaryKey(), name: text().notNull() });
const b = alias(books, "b");
const a = alias(authors, "a");

let folder: TemporaryDirectory;
let db: Database;

beforeAll(async () => {
  folder = await temporaryDirectory("select");
  db = await openDatabase(`file:${join(folder.path, "books.db")}`, { checkRows: true });
  await db.write([
    raw("create table books (id integer primary key, title text not null, lent integer not null, author_id integer)"),
    raw("create table authors (id integer primary key, name text not null)"),
    sql`insert into ${books} values (1, 'Emma', 1, 1), (2, 'Beowulf', 0, null)`,
    sql`insert into ${authors} values (1, 'Austen')`,
  ]);
});

afterAll(async () => {
  db.close();
  await folder[Symbol.asyncDispose]();
});

describe("a select", () => {
  test("names its columns from tables and aliases, and its rows have their types", async () => {
    const rows = await db.query(
      select(
        {
          id: b.id,
          lent: b.lent,
          author_id: b.author_id,
          name: nullable(a.name),
          letters: computed<number>(sql`length(${b.title})`),
        },
        sql`from ${b} left join ${a} on ${a.id} = ${b.author_id} order by ${b.id}`,
      ),
    );
    const [first] = rows;
    const typed:
      | { id: number; lent: number; author_id: number | null; name: string | null; letters: number }
      | undefined = first;
    expect(typed).toEqual({ id: 1, lent: 1, author_id: 1, name: "Austen", letters: 4 });
    expect(rows[1]).toEqual({ id: 2, lent: 0, author_id: null, name: null, letters: 7 });
  });

  test("takes the columns of a resource from a list of names", async () => {
    const columns = pickColumns(books, { id: true, title: true, pages: true });
    expect(await db.query(select(columns, sql`from ${books} where id = ${2}`))).toEqual([{ id: 2, title: "Beowulf" }]);
  });

  test("may be distinct", async () => {
    const kinds = await db.query(selectDistinct({ kind: computed<number>(raw("1")) }, sql`from ${books}`));
    expect(kinds).toEqual([{ kind: 1 }]);
  });

  test("has nothing to write where a column is only named", () => {
    expect(() => select({ total: computed<number>() }, sql`from ${books}`)).toThrow("total");
  });

  test("its rows stand in their place among those of a batch", async () => {
    const [[one], several] = await db.queryAll([
      select({ title: books.title }, sql`from ${books} where id = 1`),
      select({ id: authors.id }, sql`from ${authors}`),
    ]);
    expect([one?.title, several.map(({ id }) => id)]).toEqual(["Emma", [1]]);
    const [update, after] = await db.write([
      sql`update ${books} set lent = 0 where id = 1`,
      select({ lent: books.lent }, sql`from ${books} where id = 1`),
    ]);
    expect([update.changes, after.rows[0]?.lent]).toEqual([1, 0]);
  });
});

describe("a statement that is written out", () => {
  test("says what its rows are", async () => {
    const both = returning({ word: computed<string>() }, raw("select 'a' as word union all select 'b'"));
    expect((await db.query(both)).map(({ word }) => word)).toEqual(["a", "b"]);
  });

  test.each([
    ["lacks a column", "select 1 as id"],
    ["has one too many", "select 1 as id, 'x' as word, 2 as more"],
    ["has another one", "select 1 as id, 'x' as words"],
  ])("is refused in tests when it %s", async (_, text) => {
    const wrong = returning({ id: computed<number>(), word: computed<string>() }, raw(text));
    await expect(db.query(wrong)).rejects.toThrow("not id, word");
    await expect(db.queryAll([wrong])).rejects.toThrow("not id, word");
    await expect(db.write([wrong])).rejects.toThrow("not id, word");
  });
});
