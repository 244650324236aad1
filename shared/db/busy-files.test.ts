import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { eventually, startProcess, type TemporaryDirectory, temporaryDirectory } from "@stoa/testing";
import { openDatabase } from "./database.ts";
import { raw, sql } from "./sql.ts";

let folder: TemporaryDirectory;

beforeAll(async () => {
  folder = await temporaryDirectory("busy-files");
});

afterAll(() => folder[Symbol.asyncDispose]());

/** A process that runs JavaScript, with `db` open on the file, and stays after it said `ready`. */
const besides = (file: string, script: string) =>
  startProcess(
    [
      process.execPath,
      "-e",
      `const db = new (await import("bun:sqlite")).Database(${JSON.stringify(file)});
       ${script}; console.log("ready"); setInterval(() => db, 1000);`,
    ],
    { ready: (output) => output.includes("ready") },
  );

test("a file that another process has locked is unavailable, and works again when it is free", async () => {
  const file = join(folder.path, "busy.db");
  const db = await openDatabase(`file:${file}`);
  await db.write([raw("create table t (x)")]);
  const other = await besides(file, 'db.run("begin immediate")');
  const insert = sql`insert into t values (1)`;
  for (let again = 0; again < 3; again++) {
    await expect(db.write([insert])).rejects.toMatchObject({ failure: "unavailable" });
  }
  expect(await db.query(raw("select x from t"))).toEqual([]);
  await other.kill9();
  await db.write([insert]);
  await expect(db.query(raw("select x from t"))).resolves.toEqual([{ x: 1 }]);
  db.close();
});

test("another process's lock is waited for, between turns of the event loop, and the batch begins again", async () => {
  const file = join(folder.path, "patient.db");
  const db = await openDatabase(`file:${file}`);
  await db.write([raw("create table t (x)")]);
  await using other = await besides(file, 'db.run("begin immediate")');
  let turns = 0;
  const timer = setInterval(() => {
    // Freed only by what runs meanwhile: were the event loop stopped, the lock would stay.
    if (++turns === 5) other.signal("SIGKILL");
  }, 1);
  await db.write([sql`insert into t values (${1})`, sql`insert into t values (${2})`]);
  clearInterval(timer);
  expect(turns).toBeGreaterThanOrEqual(5);
  expect(db.waits()).toBeGreaterThan(0);
  expect(await db.query(raw("select x from t"))).toEqual([{ x: 1 }, { x: 2 }]);
  db.close();
});

test.each(["durable", "relaxed"])("a %s write waits for it, whole", async (how) => {
  const file = join(folder.path, `${how}.db`);
  const db = await openDatabase(`file:${file}`);
  await db.write([raw("create table t (x)")]);
  await using other = await besides(file, 'db.run("begin immediate")');
  const written = db.write([sql`insert into t values (${1})`, sql`insert into t values (${2})`], {
    relaxed: how === "relaxed",
  });
  await eventually(() => db.waits() > 1);
  expect(await db.query(raw("select x from t"))).toEqual([]);
  await other.kill9();
  await written;
  expect(await db.query(raw("select x from t"))).toEqual([{ x: 1 }, { x: 2 }]);
  db.close();
});

test("a file that another process has for itself is waited for when it is opened", async () => {
  const file = join(folder.path, "own.db");
  await using other = await besides(
    file,
    'db.run("pragma locking_mode = exclusive"); db.run("pragma journal_mode = wal"); db.run("create table t (x)")',
  );
  let turns = 0;
  const timer = setInterval(() => {
    if (++turns === 5) other.signal("SIGKILL");
  }, 1);
  const db = await openDatabase(`file:${file}`);
  clearInterval(timer);
  expect(turns).toBeGreaterThanOrEqual(5);
  expect(db.waits()).toBeGreaterThan(0);
  expect(await db.query(raw("select count(*) as n from t"))).toEqual([{ n: 0 }]);
  db.close();
});

test("nothing waited is counted as nothing", async () => {
  const db = await openDatabase("file::memory:");
  await db.write([raw("create table t (x)")]);
  expect(db.waits()).toBe(0);
  db.close();
});
