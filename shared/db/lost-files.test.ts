import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TemporaryDirectory, temporaryDirectory } from "@stoa/testing";
import { openDatabase } from "./database.ts";
import { raw } from "./sql.ts";

let folder: TemporaryDirectory;

beforeAll(async () => {
  folder = await temporaryDirectory("lost-files");
});

afterAll(() => folder[Symbol.asyncDispose]());

test("a file that was replaced or removed under the process takes no more writes, until it is back", async () => {
  const file = join(folder.path, "moved.db");
  const db = await openDatabase(`file:${file}`);
  await db.write([raw("create table t (x)")]);
  expect(db.fault()).toBeUndefined();
  renameSync(file, `${file}.away`);
  expect(db.fault()).toEqual({
    reason: expect.stringContaining("moved.db was removed while Stoa runs"),
    serves: false,
  });
  await expect(db.write([raw("insert into t values (1)")])).rejects.toMatchObject({ failure: "unavailable" });
  copyFileSync(`${file}.away`, file);
  expect(db.fault()).toEqual({
    reason: expect.stringContaining("moved.db was replaced while Stoa runs"),
    serves: false,
  });
  expect(await db.query(raw("select x from t"))).toEqual([]);
  rmSync(file);
  renameSync(`${file}.away`, file);
  expect(db.fault()).toBeUndefined();
  await db.write([raw("insert into t values (1)")]);
  db.close();
});

test("a file that was cut off under the process takes no more writes", async () => {
  const file = join(folder.path, "cut.db");
  const first = await openDatabase(`file:${file}`);
  await first.write([raw("create table t (x)")]);
  first.close();
  const db = await openDatabase(`file:${file}`);
  expect(db.fault()).toBeUndefined();
  truncateSync(file, 4096);
  expect(db.fault()).toEqual({
    reason: expect.stringContaining("cut.db was cut off while Stoa runs, so nothing is written any more."),
    serves: false,
  });
  await expect(db.write([raw("insert into t values (1)")])).rejects.toMatchObject({ failure: "unavailable" });
  expect(() => db.close()).not.toThrow();
});

test("an index of the write-ahead log that was removed takes no more writes: the locks are in it", async () => {
  const file = join(folder.path, "index.db");
  const db = await openDatabase(`file:${file}`);
  await db.write([raw("create table t (x)"), raw("insert into t values (1)")]);
  expect(db.fault()).toBeUndefined();
  rmSync(`${file}-shm`);
  expect(db.fault()).toEqual({
    reason: expect.stringContaining("index.db-shm was removed while Stoa runs, so nothing is written any more."),
    serves: false,
  });
  await expect(db.write([raw("insert into t values (2)")])).rejects.toMatchObject({ failure: "unavailable" });
  db.close();
  const again = await openDatabase(`file:${file}`);
  expect(await again.query(raw("select x from t"))).toEqual([{ x: 1 }]);
  again.close();
});

test("a write-ahead log that was removed or replaced takes no more writes, and closing saves what it had", async () => {
  const file = join(folder.path, "log.db");
  const db = await openDatabase(`file:${file}`);
  await db.write([raw("create table t (x)"), raw("insert into t values (1)")]);
  expect(db.fault()).toBeUndefined();
  rmSync(`${file}-wal`);
  expect(db.fault()).toEqual({
    reason: expect.stringContaining("log.db-wal was removed while Stoa runs, so nothing is written any more."),
    serves: false,
  });
  await expect(db.write([raw("insert into t values (2)")])).rejects.toMatchObject({ failure: "unavailable" });
  writeFileSync(`${file}-wal`, "");
  expect(db.fault()?.reason).toStartWith("log.db-wal was replaced");
  rmSync(`${file}-wal`);
  db.close();
  const again = await openDatabase(`file:${file}`);
  expect(await again.query(raw("select x from t"))).toEqual([{ x: 1 }]);
  again.close();
});
