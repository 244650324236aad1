import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type SqldServer, startSqld, type TemporaryDirectory, temporaryDirectory } from "@stoa/testing";
import { type Database, openDatabase } from "./database.ts";
import { raw, sql } from "./sql.ts";

let folder: TemporaryDirectory;
let sqld: SqldServer;

beforeAll(async () => {
  folder = await temporaryDirectory("scan");
  sqld = await startSqld();
});

afterAll(async () => {
  await sqld[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const fileUrl = () => `file:${join(folder.path, `${crypto.randomUUID()}.db`)}`;
/** Takes a good part of a second, wherever it runs. */
const long = raw(`with recursive count (n) as (select 1 union all select n + 1 from count where n < 2000000)
  select max(n) as n from count`);

describe.each(["file", "memory", "http"] as const)("a long read over %s", (kind) => {
  let db: Database;
  const seen: string[] = [];

  beforeEach(async () => {
    const url = { file: fileUrl(), memory: "file::memory:", http: sqld.url }[kind];
    db = await openDatabase(url, { trace: (text) => seen.push(text) });
    await db.write([raw("drop table if exists t"), raw("create table t (x)"), raw("insert into t values (1), (2)")]);
    seen.splice(0);
  });

  afterEach(() => db.close());

  test("gives plain rows, by arguments of every kind", async () => {
    const [row] = await db.scan(
      sql`select x, ${"é"} as t, ${-0} as z, ${true} as b, ${null} as n from t where x > ${1}`,
    );
    expect(row).toEqual({ x: 2, t: "é", z: 0, b: 1, n: null });
    expect(Object.getOwnPropertyNames(row)).toEqual(["x", "t", "z", "b", "n"]);
  });

  test("sees every write that was answered before", async () => {
    for (let x = 3; x < 20; x++) {
      await db.write([sql`insert into t values (${x})`]);
      expect(await db.scan(raw("select max(x) as x from t"))).toEqual([{ x }]);
    }
  });

  test("fails as other reads do, and the next one works", async () => {
    await expect(db.scan(raw("selec 1"))).rejects.toMatchObject({ name: "DatabaseError", failure: "other" });
    await expect(db.scan(raw("select nope from t"))).rejects.toThrow("no such column: nope");
    expect(await db.scan(raw("select count(*) as n from t"))).toEqual([{ n: 2 }]);
  });

  test("is traced without its values", async () => {
    await db.scan(sql`select ${"secret"} as a`);
    expect(seen).toEqual(["select ? as a"]);
  });
});

describe("on a file", () => {
  let db: Database;
  beforeEach(async () => {
    db = await openDatabase(fileUrl());
    await db.write([raw("create table t (x)"), raw("insert into t values (1)")]);
  });
  afterEach(() => db.close());

  test("the event loop, reads and writes go on during a long one", async () => {
    let over = false;
    const scanned = db.scan(long).finally(() => {
      over = true;
    });
    let writes = 0;
    while (!over) {
      await db.write([raw("update t set x = x + 1")]);
      writes++;
    }
    expect(await scanned).toEqual([{ n: 2_000_000 }]);
    expect(writes).toBeGreaterThan(1);
    expect(await db.scan(raw("select x from t"))).toEqual([{ x: writes + 1 }]);
  });

  test("it cannot write", async () => {
    await expect(db.scan(raw("insert into t values (2)"))).rejects.toThrow("readonly");
    expect(await db.query(raw("select count(*) as n from t"))).toEqual([{ n: 1 }]);
  });

  test("one that waits when the database is closed is unavailable, and so is a later one", async () => {
    const waiting = Promise.allSettled([db.scan(long), db.scan(raw("select 1"))]);
    db.close();
    const refused = { status: "rejected", reason: { name: "DatabaseError", failure: "unavailable" } };
    expect(await waiting).toMatchObject([refused, refused]);
    await expect(db.scan(raw("select 1"))).rejects.toMatchObject({ failure: "unavailable" });
  });
});
