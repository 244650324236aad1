import { Database as SqliteFile } from "bun:sqlite";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually, startProcess, type TemporaryDirectory, temporaryDirectory } from "@stoa/testing";
import { openDatabase } from "./database.ts";
import { DamagedFileError } from "./errors.ts";
import { raw, sql } from "./sql.ts";

let folder: TemporaryDirectory;

beforeAll(async () => {
  folder = await temporaryDirectory("file-engine");
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

test("nothing waited is counted as nothing", async () => {
  const db = await openDatabase("file::memory:");
  await db.write([raw("create table t (x)")]);
  expect(db.waits()).toBe(0);
  db.close();
});

test.each([
  "no database at all, and longer than the header of one: ".repeat(20),
  `SQLite format 3\0${"x".repeat(5_000)}`,
])("a file that is no database, or a damaged one, is refused in one line that names it (%#)", async (text) => {
  const file = join(folder.path, `${crypto.randomUUID()}.db`);
  await Bun.write(file, text);
  const refused = await openDatabase(`file:${file}`).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(DamagedFileError);
  expect(refused).toMatchObject({ name: "DamagedFileError", failure: "other" });
  expect(String(refused)).toMatch(
    /is damaged, or is no SQLite database \([^\n]+\); put a backup of it in its place\.$/,
  );
  expect(String(refused)).toContain(file);
});

test("a page that is damaged under a running server is told by the same line", async () => {
  const file = join(folder.path, "torn.db");
  const first = await openDatabase(`file:${file}`);
  await first.write([raw("create table t (x)"), raw("insert into t values (zeroblob(100000))")]);
  first.close();
  const bytes = new Uint8Array(await Bun.file(file).arrayBuffer());
  await Bun.write(file, bytes.fill(0xee, 4096));
  const db = await openDatabase(`file:${file}`);
  await expect(db.query(raw("select length(x), x from t"))).rejects.toThrow(`${file} is damaged`);
  await expect(db.write([raw("insert into t values (1)")])).rejects.toThrow(`${file} is damaged`);
  db.close();
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

/** A database with an identity, as the first migration of a service makes one, and all of it in its file. */
async function identified(name: string, rows: number) {
  const file = join(folder.path, name);
  const db = await openDatabase(`file:${file}`);
  await db.write([
    raw("create table journal_identity (id integer primary key, journal_id text not null)"),
    sql`insert into journal_identity values (1, ${name})`,
    raw("create table migrations (tag text primary key, hash text, applied_at text)"),
    sql`insert into migrations values ('0000_initial', '', ${`then, of ${name}`})`,
    raw("create table t (x)"),
    ...Array.from({ length: rows }, (_, x) => sql`insert into t values (${`${x}`.padEnd(3_000, "x")})`),
  ]);
  db.checkpoint();
  return { file, db };
}

const overwritten = (name: string) => ({
  reason: `${name} was overwritten while Stoa runs, so nothing is written any more. Stop Stoa, put the right file in its place, and start it again.`,
  serves: false,
});

test("a file that another database was written over in place takes no more writes, also when the right one is written back", async () => {
  const [mine, other] = [await identified("mine.db", 3), await identified("other.db", 9)];
  other.db.close();
  expect(mine.db.fault()).toBeUndefined();
  copyFileSync(mine.file, `${mine.file}.copy`);
  writeFileSync(mine.file, readFileSync(other.file));
  expect(mine.db.fault()).toEqual(overwritten("mine.db"));
  await expect(mine.db.write([raw("insert into t values (1)")])).rejects.toMatchObject({ failure: "unavailable" });
  writeFileSync(mine.file, readFileSync(`${mine.file}.copy`));
  expect(mine.db.fault()).toEqual(overwritten("mine.db"));
  expect(() => mine.db.close()).not.toThrow();
});

test("a file is recognised by its header too: an older copy of it, and one whose schema has gone further", async () => {
  const older = await identified("older.db", 3);
  copyFileSync(older.file, `${older.file}.copy`);
  await older.db.write([raw("alter table t add column y")]);
  older.db.checkpoint();
  expect(older.db.fault()).toBeUndefined();
  writeFileSync(older.file, readFileSync(`${older.file}.copy`));
  expect(older.db.fault()).toEqual(overwritten("older.db"));
  older.db.close();

  const newer = await identified("newer.db", 3);
  const copy = await openDatabase(`file:${newer.file}.copy`);
  await copy.write([
    sql`create table t (x)`,
    sql`create table u (x)`,
    sql`create table v (x)`,
    sql`create table w (x)`,
  ]);
  copy.close();
  expect(newer.db.fault()).toBeUndefined();
  writeFileSync(newer.file, readFileSync(`${newer.file}.copy`));
  expect(newer.db.fault()?.reason).toMatch(/^newer.db was (overwritten|cut off)/);
  newer.db.close();
});

test("another copy of the same database that was written over it is recognised, whose counters are ahead", async () => {
  const mine = await identified("lineage.db", 3);
  mine.db.close();
  copyFileSync(mine.file, `${mine.file}.copy`);
  const copy = await openDatabase(`file:${mine.file}.copy`);
  // More pages than the file has: the header says how many.
  await copy.write(Array.from({ length: 9 }, (_, x) => sql`insert into t values (${`${x}`.padEnd(3_000, "y")})`));
  copy.close();
  const db = await openDatabase(`file:${mine.file}`);
  await db.write([sql`insert into t values ('mine')`]);
  expect(db.fault()).toBeUndefined();
  writeFileSync(mine.file, readFileSync(`${mine.file}.copy`));
  expect(await eventually(async () => db.fault())).toEqual(overwritten("lineage.db"));
  await expect(db.write([raw("insert into t values (1)")])).rejects.toMatchObject({ failure: "unavailable" });
  db.close();
});

test("a file stays the same whatever the process and another one write to it and move into it", async () => {
  const { file, db } = await identified("same.db", 3);
  const script = `import { Database } from "bun:sqlite"; const db = new Database(${JSON.stringify(file)});
    db.run("insert into t values ('theirs')"); db.run("create table if not exists u (x)"); db.run("pragma wal_checkpoint(truncate)"); db.close();`;
  for (let round = 0; round < 3; round++) {
    // As `events rebuild --stream` does it.
    await db.write([sql`update journal_identity set journal_id = ${`another ${round}`}`]);
    await db.write([sql`insert into t values (${round})`]);
    expect(Bun.spawnSync([process.execPath, "-e", script]).exitCode).toBe(0);
    expect(db.fault()).toBeUndefined();
    await db.write([sql`delete from t where x = 'theirs'`]);
    expect(db.checkpoint()).toBe(true);
    expect(db.fault()).toBeUndefined();
  }
  db.close();
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
