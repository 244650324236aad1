import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually, type TemporaryDirectory, temporaryDirectory } from "@stoa/testing";
import { openDatabase } from "./database.ts";
import { raw, sql } from "./sql.ts";

let folder: TemporaryDirectory;

beforeAll(async () => {
  folder = await temporaryDirectory("overwritten-files");
});

afterAll(() => folder[Symbol.asyncDispose]());

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
