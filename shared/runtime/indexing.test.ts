import { expect, test } from "bun:test";
import { DatabaseError, openDatabase, raw, sql } from "@stoa/db";
import { type Searched, searchSchema } from "@stoa/db/search/index";
import { requireIntact } from "@stoa/db/search/test/intact";
import { eventually, intercepted, startSqld, temporaryDatabase } from "@stoa/testing";
import { startIndexing } from "./indexing.ts";

const searched: Searched = { table: "notes", columns: ["title"] };

async function notes(url: string) {
  const db = await openDatabase(url);
  await db.write([
    raw("create table notes (row integer primary key, title text not null, folded text)"),
    raw("create index notes_unindexed on notes (row) where folded is null"),
    ...searchSchema(searched).up.map(raw),
  ]);
  const missing = async () => (await db.query(raw("select 1 from notes where folded is null"))).length;
  const add = (title: string) => db.write([sql`insert into notes (title) values (${title})`]);
  return { db, missing, add, [Symbol.asyncDispose]: async () => db.close() };
}

const quick = { gatherMs: 1, everyMs: 10, retryMs: 1 };
const silent = { warn: () => undefined };

test("rows that are there at the start, and those that come later, are put into the index", async () => {
  await using stored = await temporaryDatabase("identity");
  await using world = await notes(stored.url);
  const { db, missing, add } = world;
  await add("Heron");
  // Without a clock: the write itself wakes it.
  const stop = startIndexing(db, searched, silent, { ...quick, everyMs: 1e9 });
  await eventually(async () => (await missing()) === 0);
  await Promise.all(["Eel", "Otter", "Öl"].map(add));
  await eventually(async () => (await missing()) === 0);
  await stop();
  await add("Newt");
  expect(await missing()).toBe(1);
});

test("a failure is logged once, tried again, and logged anew when it comes back", async () => {
  await using stored = await temporaryDatabase("identity");
  await using world = await notes(stored.url);
  const { db, missing, add } = world;
  let [full, tries] = [true, 0];
  const failing = intercepted(db, {
    write: () => {
      tries++;
      if (full) throw new DatabaseError("unavailable", new Error("disk is full"));
    },
  });
  const warned: object[] = [];
  const stop = startIndexing(failing, searched, { warn: (line: object) => warned.push(line) }, quick);
  await add("Heron");
  await eventually(() => tries >= 3);
  expect(warned).toEqual([{ work: "the search index", table: "notes", err: expect.any(DatabaseError) }]);
  full = false;
  await eventually(async () => (await missing()) === 0);
  full = true;
  await add("Eel");
  await eventually(() => warned.length === 2);
  await stop();
});

test("two processes on one server index the same rows once, also those that only the other wrote", async () => {
  await using sqld = await startSqld();
  await using one = await notes(sqld.url);
  const other = await openDatabase(sqld.url);
  const stops = [startIndexing(one.db, searched, silent, quick), startIndexing(other, searched, silent, quick)];
  await Promise.all(Array.from({ length: 150 }, (_, n) => one.add(`Heron ${n}`)));
  await eventually(async () => (await one.missing()) === 0);
  await Promise.all(stops.map((stop) => stop()));
  other.close();
  await requireIntact(one.db, "notes");
  const found = await one.db.query(raw("select rowid from notes_substrings where notes_substrings match 'heron'"));
  expect(found).toHaveLength(150);
});

test("stopping ends it between two writes, and the next start goes on", async () => {
  await using stored = await temporaryDatabase("identity");
  await using world = await notes(stored.url);
  const { db, missing } = world;
  await db.write([
    raw(`with recursive n (n) as (select 1 union all select n + 1 from n where n < 950)
      insert into notes (title) select 'Heron ' || n from n`),
  ]);
  const stopping: Promise<void>[] = [];
  const watched = intercepted(db, {
    write: () => {
      if (stopping.length === 0) stopping.push(stop());
    },
  });
  const stop = startIndexing(watched, searched, silent, quick);
  await eventually(() => stopping.length === 1);
  await Promise.all(stopping);
  expect(await missing()).toBe(850);
  const stopNext = startIndexing(db, searched, silent, quick);
  await eventually(async () => (await missing()) === 0);
  await stopNext();
});
