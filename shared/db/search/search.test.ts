import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type SqldServer, startSqld, type TemporaryDirectory, temporaryDirectory } from "@stoa/testing";
import { type Database, openDatabase } from "../database.ts";
import { computed } from "../select.ts";
import { raw, sql } from "../sql.ts";
import { foldedText, type OtherRows, type Searched, searchFor, searchSchema, walk } from "./index.ts";
import { disagreements } from "./test/oracle.ts";

const searched: Searched = { table: "notes", columns: ["title", "body"] };

let folder: TemporaryDirectory;
let sqld: SqldServer;
beforeAll(async () => {
  folder = await temporaryDirectory("search");
  sqld = await startSqld();
});
afterAll(async () => {
  await sqld[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const fileOf = () => join(folder.path, `${crypto.randomUUID()}.db`);

async function open(url = `file:${fileOf()}`): Promise<Database> {
  const db = await openDatabase(url, { checkRows: true });
  await db.write([
    raw("create table notes (row integer primary key, title text not null, body text, folded text)"),
    raw("create index notes_unindexed on notes (row) where folded is null"),
    ...searchSchema(searched).up.map(raw),
  ]);
  return db;
}

/** Writes a note as a command would. */
const write = (title: string, body: string | null = null) =>
  sql`insert into notes (title, body, folded) values (${title}, ${body}, ${foldedText([title, body])})`;

/** The titles that a search finds, newest first: all pages. */
async function find(db: Database, q: string, otherRows?: OtherRows): Promise<string[]> {
  const search = searchFor(searched, "n", q, otherRows);
  const columns = { row: computed<number>(raw("n.row")), title: computed<string>(raw("n.title")) };
  const found: string[] = [];
  for (let below: number | undefined | null; below !== null; ) {
    const page = await walk(db, { search, where: raw("1"), columns, below, size: 100 });
    found.push(...page.rows.map(({ title }) => title));
    below = page.below;
  }
  return found;
}

/** Whether both indexes hold exactly what the rows say: FTS5 compares each entry. */
async function requireIntact(db: Database): Promise<void> {
  await db.write(
    ["words", "substrings"].map((name) =>
      raw(`insert into notes_${name} (notes_${name}, rank) values ('integrity-check', 1)`),
    ),
  );
}

describe.each(["file", "http"] as const)("over %s", (kind) => {
  let db: Database;
  beforeAll(async () => {
    db = await open(kind === "http" ? sqld.url : undefined);
    await db.write([
      write("Fix the login page"),
      write("Überprüfung der Straße", "ein 100% sicherer Weg"),
      write("登录页面错误修复", "「APIエラー」"),
      write('Say "hello" OR die - NOT * NEAR(a b) ^title:x'),
      write("Новая ёлка", "ΟΔΟΣ"),
      write("İstanbul’da kar"),
      write("한국어 검색"),
    ]);
  });
  afterAll(() => db.close());

  test.each([
    ["login", ["Fix the login page"]],
    ["PAGE fix", ["Fix the login page"]],
    ["page fox", []],
    ["uberPRUF", ["Überprüfung der Straße"]],
    ["STRASSE", ["Überprüfung der Straße"]],
    ["ёЛ", ["Новая ёлка"]],
    ["οδος", ["Новая ёлка"]],
    ["istanbul", ["İstanbul’da kar"]],
    ["页", ["登录页面错误修复"]],
    ["页面", ["登录页面错误修复"]],
    ["页错", []],
    ["apiｴ", ["登录页面错误修复"]],
    ["색", ["한국어 검색"]],
    ["국 검색", ["한국어 검색"]],
    ["lo fi", ["Fix the login page"]],
    ["og", []],
    ["0%", ["Überprüfung der Straße"]],
    ["% de", ["Überprüfung der Straße"]],
    ['"hello"', ['Say "hello" OR die - NOT * NEAR(a b) ^title:x']],
    ['" OR say', ['Say "hello" OR die - NOT * NEAR(a b) ^title:x']],
    ["* NOT -", ['Say "hello" OR die - NOT * NEAR(a b) ^title:x']],
    ["NEAR(a ^title:x", ['Say "hello" OR die - NOT * NEAR(a b) ^title:x']],
    ["login* OR hello", []],
    ["страße\nлка", []],
  ])("%s finds %p", async (q, titles) => {
    expect(await find(db, q)).toEqual(titles);
  });

  test("a word may find other rows too, and the words beside it still count", async () => {
    const first: OtherRows = (word) =>
      word === "n-1" ? (rows) => sql`select 1 as rowid where ${rows ? sql`1 > ${rows.above}` : raw("1")}` : undefined;
    expect(await find(db, "N-1", first)).toEqual(["Fix the login page"]);
    expect(await find(db, "n-1 login", first)).toEqual(["Fix the login page"]);
    expect(await find(db, "n-1 ёлка", first)).toEqual([]);
  });

  test("agrees with a slow reading of the text on random texts and searches", async () => {
    const fresh = await open(kind === "http" ? (await startSqld()).url : undefined);
    expect(
      await disagreements({
        searches: 150,
        texts: 60,
        write: (all) => fresh.write(all.map((t) => write(...t))),
        find: (q) => find(fresh, q),
      }),
    ).toEqual([]);
    await requireIntact(fresh);
    fresh.close();
  });
});
