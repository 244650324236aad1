import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Database, openDatabase } from "@stoa/db";
import { migrate, rollback, schemaOf } from "@stoa/db/migrations";
import { readJournal, readMigrations } from "@stoa/db/migrations/read";
import { type TemporaryDirectory, temporaryDirectory } from "@stoa/testing";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { checkFiles } from "./check.ts";
import { drift, generate, generateAfresh, generateCustom, unwritten } from "./generate.ts";
import type { Source } from "./source.ts";

const books = sqliteTable("books", { id: text().primaryKey() });
const loans = sqliteTable("loans", { book_id: text().references(() => books.id), days: integer().notNull() });
const titled = sqliteTable("books", { id: text().primaryKey(), title: text() });
// drizzle-kit, which sorts by name, would drop this table after both that it refers to.
const a_loan = sqliteTable("a_loan", {
  book_id: text().references(() => books.id, { onDelete: "cascade" }),
  reader_id: text().references(() => readers.id, { onDelete: "cascade" }),
});
const readers = sqliteTable("readers", { id: text().primaryKey() });
const shelves = { up: ["create view shelf as select * from books"], down: ["drop view shelf"] };

let folder: TemporaryDirectory;
let root: URL;
let db: Database;

const library = (tables: Record<string, unknown>, extra: Source["extra"] = []): Source => ({
  name: "library",
  root,
  tables,
  extra,
});

const read = (file: string) => readFileSync(join(folder.path, "library", file), "utf8");

beforeEach(async () => {
  folder = await temporaryDirectory("generate");
  root = pathToFileURL(`${folder.path}/`);
  db = await openDatabase("file::memory:");
});

afterEach(async () => {
  db.close();
  await folder[Symbol.asyncDispose]();
});

test("the first migration creates the tables; its .down.sql drops them, those that refer to others first", async () => {
  expect(await generate(library({ books, loans }))).toBe("0000_initial");
  expect(read("0000_initial.sql")).toContain("CREATE TABLE `books`");
  expect(read("0000_initial.down.sql")).toBe("DROP TABLE `loans`;\n--> statement-breakpoint\nDROP TABLE `books`;\n");
  expect(readJournal("library", root).entries).toMatchObject([{ idx: 0, tag: "0000_initial", breakpoints: true }]);
  expect(await checkFiles(library({ books, loans }))).toEqual([]);
});

test("a table that refers to others is dropped first also when its name comes first", async () => {
  await generate(library({ a_loan, books, readers }));
  const migrations = readMigrations("library", root);
  await migrate(db, migrations);
  await rollback(db, migrations, { to: null });
  expect((await schemaOf(db)).size).toBe(0);
  expect(read("0000_initial.down.sql")).toStartWith("DROP TABLE `a_loan`;");
});

test("nothing is written when tables and migrations agree", async () => {
  await generate(library({ books }));
  expect(await generate(library({ books }))).toBeNull();
  expect(await drift(library({ books }))).toEqual({ up: [], down: [] });
});

test("a new column is added, and dropped by the .down.sql", async () => {
  await generate(library({ books }));
  expect(await generate(library({ books: titled }), "titles")).toBe("0001_titles");
  expect(read("0001_titles.sql")).toBe("ALTER TABLE `books` ADD `title` text;\n");
  expect(read("0001_titles.down.sql")).toBe("ALTER TABLE `books` DROP COLUMN `title`;\n");
});

test("generated migrations run up, down and up", async () => {
  await generateAfresh(library({ books, loans }, [shelves]));
  await generate(library({ books: titled, loans }));
  const migrations = readMigrations("library", root);
  expect(await migrate(db, migrations)).toEqual(["0000_initial", "0001_triggers", "0002_change"]);
  const first = await schemaOf(db);
  await rollback(db, migrations, { to: null });
  expect((await schemaOf(db)).size).toBe(0);
  await migrate(db, migrations);
  expect(await schemaOf(db)).toEqual(first);
});

test("an index that changes under its name is changed back by the .down.sql", async () => {
  const indexed = (unique: boolean) =>
    sqliteTable("books", { id: text().primaryKey(), title: text() }, (t) => [
      unique ? uniqueIndex("by_title").on(t.title, t.id) : index("by_title").on(t.title),
    ]);
  await generate(library({ books: indexed(false) }));
  await migrate(db, readMigrations("library", root));
  const before = await schemaOf(db);
  await generate(library({ books: indexed(true) }));
  const migrations = readMigrations("library", root);
  await migrate(db, migrations);
  expect(await schemaOf(db)).not.toEqual(before);
  await rollback(db, migrations, { to: "0000_initial" });
  expect(await schemaOf(db)).toEqual(before);
});

test("generated afresh, the old migrations are deleted, and extra SQL follows the tables and is undone in reverse", async () => {
  await generate(library({ books }));
  await generate(library({ books: titled }), "titles");
  const more = { up: ["create view newest as select * from shelf"], down: ["drop view newest"] };
  expect(await generateAfresh(library({ books }, [shelves, more]))).toEqual(["0000_initial", "0001_triggers"]);
  expect(existsSync(join(folder.path, "library", "0001_titles.sql"))).toBe(false);
  expect(read("0001_triggers.down.sql")).toBe("drop view newest;\n--> statement-breakpoint\ndrop view shelf;\n");
  expect(await generateAfresh(library({ books }))).toEqual(["0000_initial"]);
  await expect(generateAfresh(library({}))).rejects.toThrow("library has no tables");
});

test("a custom migration counts as unwritten until both its files are written", async () => {
  await generate(library({ books }));
  expect(await generateCustom(library({ books }), "views")).toBe("0001_views");
  const unfinished = ["0001_views.sql is not written.", "0001_views.down.sql is not written."];
  expect(await checkFiles(library({ books }))).toEqual(unfinished);
  writeFileSync(join(folder.path, "library", "0001_views.sql"), shelves.up.join());
  expect(await checkFiles(library({ books }))).toEqual(unfinished.slice(1));
  writeFileSync(join(folder.path, "library", "0001_views.down.sql"), `${unwritten}\ndrop view shelf`);
  expect(await checkFiles(library({ books }))).toEqual(unfinished.slice(1));
  writeFileSync(join(folder.path, "library", "0001_views.down.sql"), shelves.down.join());
  expect(await checkFiles(library({ books }))).toEqual([]);
});

test("an empty .down.sql and tables ahead of the migrations are reported", async () => {
  await generate(library({ books }));
  writeFileSync(join(folder.path, "library", "0000_initial.down.sql"), "");
  expect(await checkFiles(library({ books: titled }))).toEqual([
    "0000_initial.down.sql is not written.",
    "tables.ts has changes that no migration has; run `bun run db generate -s library`: ALTER TABLE `books` ADD `title` text",
  ]);
});

test("a change for which drizzle-kit would rebuild a table is refused; a custom migration may make it", async () => {
  const strict = sqliteTable("books", { id: text().primaryKey(), title: text().notNull() });
  await generate(library({ books: titled }));
  await expect(generate(library({ books: strict }), "strict")).rejects.toThrow("cannot use PRAGMA");
  expect(readJournal("library", root).entries).toHaveLength(1);
  expect(await generateCustom(library({ books: strict }), "strict")).toBe("0001_strict");
  expect((await drift(library({ books: strict }))).up).toEqual([]);
});

test("a column that may have been renamed is refused outside a terminal, where nobody can be asked", async () => {
  const named = sqliteTable("books", { id: text().primaryKey(), name: text() });
  await generate(library({ books: titled }));
  await expect(generate(library({ books: named }))).rejects.toThrow("asks which were renamed");
  expect(readJournal("library", root).entries).toHaveLength(1);
});

test("a custom migration before the first, and a name that is not a file name, are refused", async () => {
  await expect(generateCustom(library({ books }), "views")).rejects.toThrow("library has no migrations");
  await expect(generate(library({ books }), "../evil")).rejects.toThrow("lower-case letters");
  expect(readJournal("library", root).entries).toEqual([]);
});
