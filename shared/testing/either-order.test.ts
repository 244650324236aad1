import { expect, test } from "bun:test";
import { type Database, sql } from "@stoa/db";
import { type Doing, stageOf, standIn } from "./either-order.ts";
import { temporaryDatabase } from "./temporary-database.ts";

const stored = await temporaryDatabase(
  {
    tables: {},
    sql: [{ up: ["create table counts (id text primary key, n integer not null)"], down: ["drop table counts"] }],
  },
  { inFile: true },
);
await stored.db.write([sql`insert into counts values ('a', 0)`]);

const read = async (db: Database) => Number((await db.query(sql`select n from counts where id = 'a'`))[0]?.["n"]);

const plusOne =
  (guarded: boolean): Doing =>
  async (db) => {
    for (;;) {
      const n = await read(db);
      const same = guarded ? sql`id = 'a' and n = ${n}` : sql`id = 'a'`;
      const [{ changes }] = await db.write([sql`update counts set n = ${n + 1} where ${same}`]);
      if (changes === 1) return n + 1;
    }
  };

test("a command that ends as if one had come after the other has no strays, another one has", async () => {
  using stage = await stageOf(stored);
  expect(await stage.eitherOrder(plusOne(true), plusOne(true))).toEqual([]);
  expect(await stage.eitherOrder(plusOne(false), plusOne(true))).toEqual([
    `step 2 + counts: {"id":"a","n":1}`,
    "step 2 + other: 1",
    `step 2 - counts: {"id":"a","n":2}`,
    "step 2 - other: 2",
  ]);
  expect(await read(stored.db)).toBe(0);
});

test("ids and times that were not there at the beginning are alike", async () => {
  using stage = await stageOf(stored);
  const add: Doing = async (db) => {
    const id = `${crypto.randomUUID()} ${new Date().toISOString()}`;
    await db.write([sql`insert into counts values (${id}, 0)`]);
    return id;
  };
  expect(await stage.eitherOrder(add, plusOne(true))).toEqual([]);
});

test("a stand-in is the database that it was told last", async () => {
  await using other = await temporaryDatabase({ tables: {} }, { inFile: true });
  const { db, use } = standIn(other.db);
  await expect(read(db)).rejects.toThrow();
  use(stored.db);
  expect(await read(db)).toBe(0);
  await stored.dispose();
});
