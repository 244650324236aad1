import { Database as SqliteFile, type Statement } from "bun:sqlite";
import { afterAll, beforeAll, expect, spyOn, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TemporaryDirectory, temporaryDirectory } from "@stoa/testing";
import { openDatabase } from "./database.ts";
import { raw } from "./sql.ts";

let folder: TemporaryDirectory;

beforeAll(async () => {
  folder = await temporaryDirectory("file-engine");
});

afterAll(() => folder[Symbol.asyncDispose]());

test("a file is in WAL mode, flushed at every commit, and keeps nothing that was deleted", async () => {
  const db = await openDatabase(`file:${join(folder.path, "wal.db")}`);
  const pragma = async (name: string) => Object.values((await db.query(raw(`pragma ${name}`)))[0] ?? {})[0];
  expect(await pragma("journal_mode")).toBe("wal");
  expect(await pragma("synchronous")).toBe(2);
  expect(await pragma("foreign_keys")).toBe(1);
  expect(await pragma("secure_delete")).toBe(1);
  expect(await pragma("busy_timeout")).toBe(25);
  db.close();
});

test("a file is opened only by an SQLite that has what search is made of", async () => {
  const run = spyOn(SqliteFile.prototype, "run").mockImplementation(() => {
    throw new Error("no such module: fts5");
  });
  try {
    await expect(openDatabase(`file:${join(folder.path, "search.db")}`)).rejects.toThrow(
      /lacks full-text search with the trigram tokenizer/,
    );
  } finally {
    run.mockRestore();
  }
  expect(existsSync(join(folder.path, "search.db"))).toBe(false);
});

test("500 statements stay prepared, and those before them are finalized", async () => {
  const db = await openDatabase("file::memory:");
  const prepare = spyOn(SqliteFile.prototype, "prepare");
  for (let n = 0; n < 700; n++) await db.query(raw(`select ${n} as n`));
  const prepared = new Map(
    prepare.mock.calls.map(([text], call) => [text, prepare.mock.results[call]?.value as Statement | undefined]),
  );
  prepare.mockRestore();
  const isFinal = (n: number) => {
    try {
      prepared.get(`select ${n} as n`)?.all();
      return false;
    } catch (error) {
      return String(error).includes("finalized");
    }
  };
  expect(Array.from({ length: 700 }, (_, n) => isFinal(n)).indexOf(false)).toBe(200);
  db.close();
});

test("a closed file holds everything by itself, also after long reads", async () => {
  const file = join(folder.path, "whole.db");
  const db = await openDatabase(`file:${file}`);
  await db.write([raw("create table t (x)"), raw("insert into t values (1)")]);
  expect(await db.scan(raw("select x from t"))).toEqual([{ x: 1 }]);
  db.close();
  const copy = `${file}.copy`;
  await Bun.write(copy, Bun.file(file));
  const copied = new SqliteFile(copy, { readonly: false });
  expect(copied.query("select x from t").all()).toEqual([{ x: 1 }]);
  copied.close(true);
});

test("a full database is unavailable, writes nothing by halves, and works again when there is room", async () => {
  const db = await openDatabase(`file:${join(folder.path, "full.db")}`);
  await db.write([raw("create table t (x)"), raw("insert into t values (1)")]);
  await db.query(raw("pragma max_page_count = 4"));
  const batch = [raw("insert into t values (2)"), raw("insert into t values (zeroblob(100000))")];
  await expect(db.write(batch)).rejects.toMatchObject({ failure: "unavailable", statementIndex: 1 });
  expect(await db.query(raw("select x from t"))).toEqual([{ x: 1 }]);
  await db.query(raw("pragma max_page_count = 1000"));
  await db.write(batch);
  expect(await db.query(raw("select count(*) as n from t"))).toEqual([{ n: 3 }]);
  db.close();
});

test("a closed database is unavailable", async () => {
  const db = await openDatabase(`file:${join(folder.path, "closed.db")}`);
  db.close();
  await expect(db.query(raw("select 1"))).rejects.toMatchObject({ failure: "unavailable" });
});

test("a file that cannot be opened is unavailable", async () => {
  const opened = openDatabase(`file:${join(folder.path, "no", "such", "folder.db")}`);
  await expect(opened).rejects.toMatchObject({ name: "DatabaseError", failure: "unavailable" });
});

test("an address that is none is told as such", async () => {
  await expect(openDatabase("file://elsewhere/a.db")).rejects.toMatchObject({
    name: "DatabaseError",
    failure: "other",
  });
});

test("a memory database is its own, and gone when it is closed", async () => {
  const [one, two] = [await openDatabase("file::memory:"), await openDatabase("file::memory:")];
  await one.write([raw("create table t (x)")]);
  await expect(two.query(raw("select x from t"))).rejects.toThrow("no such table");
  one.close();
  two.close();
  expect(existsSync(":memory:")).toBe(false);
});

test("a relaxed write is not flushed, one after it is, also when the relaxed one was refused", async () => {
  const db = await openDatabase(`file:${join(folder.path, "relaxed.db")}`);
  await db.write([raw("create table t (x unique)"), raw("create table seen (synchronous)")]);
  const note = raw("insert into seen select synchronous from pragma_synchronous");
  await db.write([note], { relaxed: true });
  await db.write([note]);
  await expect(db.write([raw("insert into t values (1), (1)")], { relaxed: true })).rejects.toThrow("UNIQUE");
  await db.write([note]);
  await Promise.all([db.write([note], { relaxed: true }), db.write([note])]);
  expect(await db.query(raw("select group_concat(synchronous) as s from seen"))).toEqual([{ s: "1,2,2,2,2" }]);
  db.close();
});

test("what changed is counted, with RETURNING too, and not by triggers or reads", async () => {
  const db = await openDatabase("file::memory:");
  await db.write(["create table t (x)", "create table log (x)", "insert into t values (1), (2), (3)"].map(raw));
  await db.write([raw("create trigger t_log after update on t begin insert into log values (1), (2); end")]);
  const results = await db.write([
    raw("update t set x = x + 1 where x > 1"),
    raw("update t set x = 0 where x = 1 returning x"),
    raw("select x from t"),
    raw("delete from t where x = 99"),
    raw("delete from t where x = 99 returning x"),
  ]);
  expect(results.map(({ changes }) => changes)).toEqual([2, 1, 0, 0, 0]);
  expect(results[1]?.rows).toEqual([{ x: 0 }]);
  db.close();
});

test("a write that fails is told until one succeeds", async () => {
  const db = await openDatabase(`file:${join(folder.path, "told.db")}`);
  await db.write([raw("create table t (x)")]);
  expect(db.fault()).toBeUndefined();
  await db.query(raw("pragma max_page_count = 4"));
  await expect(db.write([raw("insert into t values (zeroblob(100000))")])).rejects.toMatchObject({
    failure: "unavailable",
  });
  expect(db.fault()).toEqual({
    reason: expect.stringContaining("The last write failed (database or disk is full)."),
    serves: true,
  });
  await expect(db.write([raw("insert into nothing values (1)")])).rejects.toMatchObject({ failure: "other" });
  expect(db.fault()?.serves).toBe(true);
  await db.query(raw("pragma max_page_count = 1000"));
  await db.write([raw("insert into t values (1)")]);
  expect(db.fault()).toBeUndefined();
  db.close();
});
