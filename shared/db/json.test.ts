import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { type TemporaryDirectory, temporaryDirectory } from "@stoa/testing";
import { alias, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { type Database, openDatabase } from "./database.ts";
import { DamagedValueError, jsonArrayOf, jsonOf, parseJson, storedJson } from "./json.ts";
import { computed, select } from "./select.ts";
import { raw, sql } from "./sql.ts";

const authors = sqliteTable("authors", { id: integer().primaryKey(), name: text().notNull() });
const books = sqliteTable("books", {
  id: integer().primaryKey(),
  title: text().notNull(),
  lent: integer({ mode: "boolean" }).notNull(),
  author_id: integer(),
});
const a = alias(authors, "a");
const b = alias(books, "b");

let folder: TemporaryDirectory;
let db: Database;

beforeAll(async () => {
  folder = await temporaryDirectory("json");
  db = await openDatabase(`file:${join(folder.path, "books.db")}`, { checkRows: true });
  await db.write([
    raw("create table books (id integer primary key, title text not null, lent integer not null, author_id integer)"),
    raw("create table authors (id integer primary key, name text not null)"),
    sql`insert into ${authors} values (1, 'Austen'), (2, 'Borges')`,
    sql`insert into ${books} values (1, 'Persuasion', 1, 1), (2, 'Emma', 0, 1), (3, 'Beowulf "the" song', 0, null)`,
  ]);
});

afterAll(async () => {
  db.close();
  await folder[Symbol.asyncDispose]();
});

test("an object has the members that its shape names, with their types; there is none without a row", async () => {
  const author = jsonOf({ key: a.id, name: a.name }, sql`from ${a} where ${a.id} = ${b.author_id}`);
  const rows = await db.query(select({ title: b.title, author }, sql`from ${b} order by ${b.title}`));
  const typed: ({ key: number; name: string } | null)[] = rows.map((row) => row.author && parseJson(row.author));
  expect(typed).toEqual([null, { key: 1, name: "Austen" }, { key: 1, name: "Austen" }]);
});

test("an array has an object for each row, in the order of the SELECT, and may be empty", async () => {
  const shape = {
    title: b.title,
    lent: b.lent,
    author_id: b.author_id,
    letters: computed<number>(sql`length(${b.title})`),
  };
  const written = jsonArrayOf(shape, sql`from ${b} where ${b.author_id} = ${a.id} order by ${b.title}`);
  const rows = await db.query(select({ name: a.name, written }, sql`from ${a} order by ${a.id}`));
  const typed: { title: string; lent: number; author_id: number | null; letters: number }[][] = rows.map((row) =>
    parseJson(row.written),
  );
  expect(typed).toEqual([
    [
      { title: "Emma", lent: 0, author_id: 1, letters: 4 },
      { title: "Persuasion", lent: 1, author_id: 1, letters: 10 },
    ],
    [],
  ]);
});

test("text comes back as it was, whatever it holds", async () => {
  const all = jsonArrayOf({ title: b.title }, sql`from ${b} where ${b.author_id} is null`);
  const [row] = await db.query(select({ all }, raw("")));
  expect(row && parseJson(row.all)).toEqual([{ title: 'Beowulf "the" song' }]);
});

test("stored JSON that was damaged is named by its place, without what it says now", () => {
  expect(storedJson<string[]>('["a"]', "users.roles", "user-1")).toEqual(["a"]);
  expect(storedJson<null>("null", "users.roles")).toBeNull();
  for (const [row, named] of [
    ["user-1", "users.roles (user-1)"],
    [null, "users.roles"],
  ] as const) {
    const read = () => storedJson("secret", "users.roles", row);
    expect(read).toThrow(DamagedValueError);
    expect(read).toThrow(`${named} is damaged: no JSON. Put it back from a backup.`);
  }
});
