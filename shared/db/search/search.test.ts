import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { intercepted, type SqldServer, startSqld, type TemporaryDirectory, temporaryDirectory } from "@stoa/testing";
import { type Database, openDatabase } from "../database.ts";
import { computed } from "../select.ts";
import { raw, sql } from "../sql.ts";
import {
  countHits,
  foldedText,
  indexMissing,
  type OtherRows,
  type Searched,
  searchFor,
  searchSchema,
  walk,
} from "./index.ts";
import { requireIntact } from "./test/intact.ts";
import { disagreements } from "./test/oracle.ts";

const searched: Searched = { table: "notes", columns: ["title", "body"] };

let folder: TemporaryDirectory;
beforeAll(async () => {
  folder = await temporaryDirectory("search");
});
afterAll(() => folder[Symbol.asyncDispose]());

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

async function openServer(): Promise<[Database, SqldServer]> {
  const server = await startSqld();
  return [await open(server.url), server];
}

/** Writes a note, and puts it into the index. */
const write = (title: string, body: string | null = null) =>
  sql`insert into notes (title, body, folded) values (${title}, ${body}, ${foldedText([title, body])})`;

/** Writes a note as most commands do: the running service puts it into the index afterwards. */
const writeUnindexed = (title: string, body: string | null = null) =>
  sql`insert into notes (title, body) values (${title}, ${body})`;

/** The titles that a search finds, newest first: all pages. */
async function find(db: Database, q: string, otherRows?: OtherRows): Promise<string[]> {
  const search = await searchFor(db, searched, "n", q, otherRows);
  const columns = { row: computed<number>(raw("n.row")), title: computed<string>(raw("n.title")) };
  const found: string[] = [];
  for (let below: number | undefined | null; below !== null; ) {
    const page = await walk(db, { search, where: raw("1"), columns, below, size: 100 });
    found.push(...page.rows.map(({ title }) => title));
    below = page.rows.length < 100 ? page.below : page.rows.at(-1)?.row;
  }
  return found;
}

/** Lets work go on for one step. */
function once(): () => boolean {
  let steps = 0;
  return () => steps++ === 0;
}

const searchOver = [
  ["file", "indexed", write],
  ["file", "not indexed yet", writeUnindexed],
  ["http", "indexed", write],
  ["http", "not indexed yet", writeUnindexed],
] as const;

describe.each(searchOver)("over %s, of rows %s", (kind, _, add) => {
  let db: Database;
  let server: SqldServer | undefined;
  beforeAll(async () => {
    [db, server] = kind === "http" ? await openServer() : [await open(), undefined];
    await db.write([
      add("Fix the login page"),
      add("Überprüfung der Straße", "ein 100% sicherer Weg"),
      add("登录页面错误修复", "「APIエラー」"),
      add('Say "hello" OR die - NOT * NEAR(a b) ^title:x'),
      add("Новая ёлка", "ΟΔΟΣ"),
      add("İstanbul’da kar"),
      add("한국어 검색"),
    ]);
  });
  afterAll(async () => {
    db.close();
    await server?.[Symbol.asyncDispose]();
  });

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
    const [fresh, beside] = kind === "http" ? await openServer() : [await open(), undefined];
    let searches = 0;
    expect(
      await disagreements({
        searches: 150,
        texts: 60,
        seed: add === write ? 1 : 2,
        write: (all) => fresh.write(all.map((t) => add(...t))),
        find: async (q) => {
          // Some come into the index in between: what is found stays the same.
          if (++searches % 50 === 0) await indexMissing(fresh, searched, once());
          return find(fresh, q);
        },
      }),
    ).toEqual([]);
    await requireIntact(fresh, "notes");
    fresh.close();
    await beside?.[Symbol.asyncDispose]();
  });
});

describe("a walk through many rows", () => {
  let db: Database;
  const read: string[] = [];
  beforeAll(async () => {
    db = await open();
    await db.write([
      write("Kestrel 1"),
      raw(`with recursive n (n) as (select 2 union all select n + 1 from n where n < 30000)
        insert into notes (title, folded) select 'Heron ' || n, '' from n`),
    ]);
  });
  afterAll(() => db.close());

  const page = async (q: string, size: number, more: { below?: number; clock?: () => number } = {}) => {
    read.length = 0;
    const watched = intercepted(db, { read: () => read.push("read"), scan: () => read.push("scan") });
    const columns = { row: computed<number>(raw("n.row")) };
    const search = await searchFor(db, searched, "n", q);
    return walk(watched, { search, where: raw("1"), columns, below: undefined, size, ...more });
  };
  const clockOf = (step: number) => {
    let time = 0;
    return () => (time += step);
  };

  test("ends within the first window when that has enough, in one read", async () => {
    const { rows } = await page("heron", 3);
    expect(rows.map(({ row }) => row)).toEqual([30_000, 29_999, 29_998]);
    expect(read).toEqual(["read"]);
    const next = await page("heron", 2, { below: 29_998 });
    expect(next.rows.map(({ row }) => row)).toEqual([29_997, 29_996]);
  });

  test("reads on in growing windows off the event loop, to the end", async () => {
    const { rows, below } = await page("kestrel", 3, { clock: () => 0 });
    expect([rows, below]).toEqual([[{ row: 1 }], null]);
    // 2,000 rows, 5,000, 20,000, and the rest.
    expect(read.filter((what) => what === "scan")).toHaveLength(3);
  });

  test("stops when its time is over, says where, and finds the same from there on", async () => {
    const found: number[] = [];
    let pages = 0;
    for (let below: number | null | undefined; below !== null; pages++) {
      const walked = await page("kestrel", 3, { ...(below !== undefined && { below }), clock: clockOf(15) });
      found.push(...walked.rows.map(({ row }) => row));
      below = walked.below;
    }
    expect(found).toEqual([1]);
    expect(pages).toBeGreaterThan(3);
  });

  test("has smaller windows for longer texts", async () => {
    const { below } = await page("kestrel of the weir in november", 3, { clock: clockOf(100) });
    expect(below).toBeGreaterThan(28_001 - 5_000);
    expect(below).toBeLessThan(30_000);
  });

  test("is counted no further than asked", async () => {
    const count = async (q: string, most: number) =>
      countHits(db, { search: await searchFor(db, searched, "n", q), where: raw("1") }, most);
    expect([await count("heron", 100), await count("heron", 50_000), await count("kestrel", 5)]).toEqual([
      100, 29_999, 1,
    ]);
  });
});

describe("the index", () => {
  test("loses the words of what is changed or deleted, in the file too", async () => {
    const file = fileOf();
    const db = await open(`file:${file}`);
    await db.write([
      write("Kingfisher", "alcedo"),
      write("Wörter", "unauffällig"),
      ...Array.from({ length: 500 }, (_, n) => write(`Note ${n}`)),
    ]);
    const has = (word: string) => readFileSync(file).includes(word);
    await db.write([raw("pragma user_version = 1")]);
    await db.write([
      sql`update notes set title = ${"Heron"}, body = null, folded = '' where title = 'Kingfisher'`,
      sql`delete from notes where title = 'Wörter'`,
    ]);
    expect([await find(db, "kingfisher"), await find(db, "worter"), await find(db, "heron")]).toEqual([
      [],
      [],
      ["Heron"],
    ]);
    await requireIntact(db, "notes");
    db.close();
    expect([has("kingfisher"), has("alcedo"), has("worter"), has("unauffallig"), has("heron")]).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  test("gets rows that it does not have, a hundred in a write; what changes meanwhile is left to the next turn", async () => {
    const db = await open();
    await db.write(Array.from({ length: 250 }, (_, n) => writeUnindexed(`Ärger ${n}`)));
    const writes: number[] = [];
    const watched = intercepted(db, {
      write: async (statements) => {
        if (writes.length === 0) await db.write([sql`update notes set title = 'Öl' where row = 1`]);
        writes.push(statements.length);
      },
    });
    await indexMissing(watched, searched, () => true);
    expect([writes, await unindexedIn(db)]).toEqual([[1, 1, 1], [1]]);
    expect([(await find(db, "arger")).length, await find(db, "ol")]).toEqual([249, ["Öl"]]);
    await indexMissing(db, searched, () => true);
    expect([(await find(db, "arger")).length, await find(db, "ol")]).toEqual([249, ["Öl"]]);
    await requireIntact(db, "notes");
    db.close();
  });

  test.each(["file", "http"])("is the same when two processes put the same rows into it, over %s", async (kind) => {
    const server = kind === "http" ? await startSqld() : undefined;
    const url = server?.url ?? `file:${fileOf()}`;
    const one = await open(url);
    const other = await openDatabase(url);
    await one.write(Array.from({ length: 300 }, (_, n) => writeUnindexed(`Ärger ${n}`, n % 2 ? "plain" : null)));
    await Promise.all([indexMissing(one, searched, () => true), indexMissing(other, searched, () => true)]);
    await indexMissing(one, searched, () => true);
    expect([await unindexedIn(one), (await find(other, "arger")).length]).toEqual([[], 300]);
    await requireIntact(one, "notes");
    for (const db of [one, other]) db.close();
    await server?.[Symbol.asyncDispose]();
  });
});

const unindexedIn = async (db: Database) =>
  (await db.query(raw("select row from notes where folded is null order by row"))).map(({ row }) => row);
