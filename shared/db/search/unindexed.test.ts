import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { atEveryStep, intercepted, type TemporaryDatabase, temporaryDatabase } from "@stoa/testing";
import type { Database } from "../database.ts";
import { computed } from "../select.ts";
import { raw, sql } from "../sql.ts";
import { countHits, foldedText, indexMissing, type Searched, searchFor, searchSchema, walk } from "./index.ts";
import { requireIntact } from "./test/intact.ts";

/** What a search finds of rows that come into the index before, while and after it looks. */

const searched: Searched = { table: "notes", columns: ["title"] };
const columns = { row: computed<number>(raw("n.row")), title: computed<string>(raw("n.title")) };

let stored: TemporaryDatabase;
let db: Database;
beforeAll(async () => {
  stored = await temporaryDatabase("identity", { inFile: true });
  ({ db } = stored);
  await withNotes(db);
});
beforeEach(() => db.write([raw("delete from notes")]));
afterAll(() => stored[Symbol.asyncDispose]());

const withNotes = (db: Database) =>
  db.write([
    raw("create table notes (row integer primary key, title text not null, folded text)"),
    raw("create index notes_unindexed on notes (row) where folded is null"),
    ...searchSchema(searched).up.map(raw),
  ]);

const add = (title: string) => sql`insert into notes (title) values (${title})`;
const addIndexed = (title: string) => sql`insert into notes (title, folded) values (${title}, ${foldedText([title])})`;
const index = () => indexMissing(db, searched, () => true);

async function page(q: string, size: number, below?: number, from: Database = db) {
  const search = await searchFor(from, searched, "n", q);
  return walk(from, { search, where: raw("1"), columns, below, size });
}

const titles = async (q: string, from: Database = db) =>
  (await page(q, 2_000, undefined, from)).rows.map((row) => row.title);

test("rows of both kinds stand where their row says, and a page that goes on neither skips nor doubles one", async () => {
  const all = Array.from({ length: 12 }, (_, n) => `Heron ${n + 1}`);
  await db.write(all.map((title, n) => (n % 3 === 0 ? addIndexed(title) : add(title))));
  const found: string[] = [];
  for (let below: number | undefined; ; ) {
    const { rows } = await page("heron", 5, below);
    found.push(...rows.slice(0, 4).map(({ title }) => title));
    if (rows.length < 5) break;
    below = rows[3]?.row;
    // Everything comes into the index after the first page, and new rows come.
    await index();
    await db.write([add(`Heron later ${found.length}`)]);
  }
  expect(found).toEqual(all.toReversed());
});

test("a row that comes into the index while a search looks is found once, and counted once", async () => {
  await db.write([addIndexed("Heron 1"), add("Heron 2"), add("Eel"), add("Heron 3")]);
  const search = await searchFor(db, searched, "n", "heron");
  await index();
  const { rows } = await walk(db, { search, where: raw("1"), columns, below: undefined, size: 10 });
  expect(rows.map(({ title }) => title)).toEqual(["Heron 3", "Heron 2", "Heron 1"]);
  expect(await countHits(db, { search, where: raw("1") }, 100)).toBe(3);
  expect(await countHits(db, { search, where: raw("1") }, 2)).toBe(2);
  const sorted = await db.query(sql`select title ${search.fromAll()} order by title`);
  expect(sorted.map(({ title }) => title)).toEqual(["Heron 1", "Heron 2", "Heron 3"]);
});

test("whatever comes into the index, or is changed, before any step of a search or a count: each row is found once", async () => {
  const rival = async () => {
    await db.write([sql`update notes set title = 'Heron one', folded = '' where title = 'Heron 1'`]);
    await index();
    await db.write([sql`update notes set title = 'Heron two', folded = '' where title = 'Heron 2'`]);
  };
  const [found, counts]: [number[][], number[]] = [[], []];
  for (const look of ["search", "count"]) {
    await atEveryStep(async (overtaken) => {
      await db.write([raw("delete from notes"), addIndexed("Heron 1"), add("Heron 2"), add("Eel"), add("Heron 3")]);
      const late = overtaken(db, rival);
      if (look === "search") found.push((await page("heron", 10, undefined, late)).rows.map(({ row }) => row));
      else
        counts.push(
          await countHits(late, { search: await searchFor(late, searched, "n", "heron"), where: raw("1") }, 9),
        );
    });
  }
  expect(found.length).toBeGreaterThan(1);
  expect(found).toEqual(found.map(() => [4, 2, 1]));
  expect(counts.length).toBeGreaterThan(1);
  expect(counts).toEqual(counts.map(() => 3));
});

test("what is changed, deleted or written before any step of indexing is in the index as it is, once it was indexed", async () => {
  await atEveryStep(async (overtaken, step) => {
    await db.write([raw("delete from notes"), ...["Heron", "Éel", "Wren", "Öl", "Ibis"].map(add)]);
    let came = false;
    const rival = async () => {
      came = true;
      await db.write([
        sql`update notes set title = 'Ünd', folded = ${foldedText(["Ünd"])} where title = 'Heron'`,
        // An older version does not know the column.
        sql`update notes set title = 'Äal' where title = 'Éel'`,
        sql`delete from notes where title in ('Wren', 'Ibis')`,
        // It has the row id of the last one.
        add("Stork"),
      ]);
      await index();
    };
    await indexMissing(overtaken(db, rival), searched, () => true);
    // Nobody indexes again what an older version changes once everything is indexed.
    if (!came) return;
    await index();
    await requireIntact(db, "notes");
    expect([step, await db.query(sql`select title, folded from notes order by row`)]).toEqual([
      step,
      ["Ünd", "Äal", "Öl", "Stork"].map((title) => ({ title, folded: foldedText([title]) })),
    ]);
  });
});

test("other conditions hold for what is not indexed too", async () => {
  await db.write([add("Heron 1"), add("Heron 2")]);
  const search = await searchFor(db, searched, "n", "heron");
  const where = raw("n.title <> 'Heron 2'");
  const { rows } = await walk(db, { search, where, columns, below: undefined, size: 10 });
  expect(rows.map(({ title }) => title)).toEqual(["Heron 1"]);
  expect(await countHits(db, { search, where }, 100)).toBe(1);
});

test("with a full disk a search finds what was written before, also what cannot come into the index", async () => {
  await using other = await temporaryDatabase("identity", { inFile: true });
  const full = other.db;
  await withNotes(full);
  await full.write([...Array.from({ length: 500 }, (_, n) => add(`Heron ${n} of the weir`)), add("Öl")]);
  const [size] = await full.query(raw("pragma page_count"));
  await full.query(raw(`pragma max_page_count = ${Number(size?.["page_count"])}`));
  await expect(indexMissing(full, searched, () => true)).rejects.toMatchObject({ failure: "unavailable" });
  expect([(await titles("heron", full)).length, await titles("ol", full)]).toEqual([500, ["Öl"]]);
  await full.query(raw("pragma max_page_count = 100000"));
  await indexMissing(full, searched, () => true);
  expect([(await titles("heron", full)).length, await titles("ol", full)]).toEqual([500, ["Öl"]]);
});

test("a search writes nothing", async () => {
  await db.write([addIndexed("Heron 1"), add("Heron 2")]);
  let writes = 0;
  const watched = intercepted(db, { write: () => writes++ });
  expect([await titles("heron", watched), writes]).toEqual([["Heron 2", "Heron 1"], 0]);
});

test("of many rows that are missing, it looks at the newest thousand, and at the others when they are in the index", async () => {
  await db.write([
    raw(`with recursive n (n) as (select 1 union all select n + 1 from n where n < 1500)
      insert into notes (title) select 'Heron ' || n from n`),
  ]);
  expect([(await titles("heron")).length, (await titles("heron 1500")).length, await titles("heron 17")]).toEqual([
    1_000,
    1,
    [],
  ]);
  await index();
  expect((await titles("heron")).length).toBe(1_500);
});

test("a row that is deleted before it comes into the index leaves its words nowhere", async () => {
  await db.write(Array.from({ length: 50 }, (_, n) => add(`Note ${n}`)));
  await db.write([add("Zaunkönigsgeheimnis glossyibisword")]);
  const rows = await db.query(raw("select row from notes order by row desc limit 1"));
  const row = Number(rows[0]?.["row"]);
  // It goes away while it is on its way into the index.
  const late = intercepted(db, { write: () => db.write([sql`delete from notes where row = ${row}`]) });
  await indexMissing(late, searched, () => true);
  expect(await titles("glossyibisword")).toEqual([]);
  expect(db.checkpoint()).toBe(true);
  const file = readFileSync(new URL(stored.url)).toString("latin1").toLowerCase();
  for (const word of ["nigsgeheimnis", "glossyibisword", "glossyibis"]) expect(file.includes(word)).toBe(false);
});
