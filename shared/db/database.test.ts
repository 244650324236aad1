import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type SqldServer, startSqld, type TemporaryDirectory, temporaryDirectory } from "@stoa/testing";
import { and, sql as drizzleSql, eq, placeholder } from "drizzle-orm";
import { integer, QueryBuilder, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { type Database, openDatabase } from "./database.ts";
import { DatabaseError, violates } from "./errors.ts";
import { prepare } from "./prepare.ts";
import { raw, type Sql, sql } from "./sql.ts";

const people = sqliteTable("people", {
  id: text().primaryKey(),
  email: text().notNull(),
  age: integer(),
  active: integer({ mode: "boolean" }).notNull().default(true),
});

const schema = [
  `create table people (id text primary key, email text not null, age integer, active integer not null default 1,
    constraint grown_up check (age >= 18))`,
  "create unique index people_email on people (lower(email))",
  "create table pairs (a integer, b integer)",
  "create unique index pairs_ab on pairs (a, b)",
  "create table pets (person_id text references people (id))",
  "create trigger people_stay before delete on people begin select raise(abort, 'people_stay'); end",
];

let folder: TemporaryDirectory;
let sqld: SqldServer;

beforeAll(async () => {
  folder = await temporaryDirectory("database");
  sqld = await startSqld();
});

afterAll(async () => {
  await sqld[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe.each(["file", "http"] as const)("a database over %s", (kind) => {
  let db: Database;
  const seen: string[] = [];

  beforeAll(async () => {
    const url = kind === "file" ? `file:${join(folder.path, "people.db")}` : sqld.url;
    db = await openDatabase(url, { trace: (text) => seen.push(text) });
    await db.write(schema.map(raw));
    await db.write([sql`insert into people (id, email, age) values (${"ada"}, ${"ada@x.test"}, ${36})`]);
  });

  beforeEach(() => seen.splice(0));
  afterAll(() => db.close());

  test("says how it is reached, and nothing of where", () => {
    expect(db.kind).toBe(kind);
    expect(JSON.stringify(db)).not.toContain("127.0.0.1");
  });

  test("gives plain rows, without the driver's hidden fields", async () => {
    const [row] = await db.query(sql`select id, age, active from people where id = ${"ada"}`);
    expect(Object.getOwnPropertyNames(row)).toEqual(["id", "age", "active"]);
    const [[same]] = (await db.queryAll([sql`select id from people`])) as [[object]];
    expect(Object.getOwnPropertyNames(same)).toEqual(["id"]);
    const [written] = await db.write([sql`select id from people`]);
    expect(Object.getOwnPropertyNames(written?.rows[0] ?? {})).toEqual(["id"]);
  });

  test("stores text, numbers, booleans, null and bytes as they are", async () => {
    const bytes = new Uint8Array([0, 255, 7]);
    const [row] = await db.query(sql`select ${"é😀"} as t, ${1.5} as f, ${true} as b, ${null} as n, ${bytes} as x`);
    expect(row).toMatchObject({ t: "é😀", f: 1.5, b: 1, n: null });
    expect(new Uint8Array(row?.["x"] as ArrayBuffer)).toEqual(bytes);
  });

  test("a whole number is an integer, in JSON and text too", async () => {
    const [row] = await db.query(
      sql`select json_object('n', ${5}, 'm', ${-5} + 1) as j, ${7} || '' as s, typeof(${1.5}) as f,
        typeof(${Number.MAX_SAFE_INTEGER}) as big, ${Number.MAX_SAFE_INTEGER} as same, ${-0} as zero`,
    );
    expect(row).toEqual({ j: '{"n":5,"m":-4}', s: "7", f: "real", big: "integer", same: 2 ** 53 - 1, zero: 0 });
  });

  test("a write is all or nothing, and says which statement failed", async () => {
    const half = db.write([
      sql`insert into people (id, email) values ('bob', 'bob@x.test')`,
      sql`insert into people (id, email, age) values ('kid', 'kid@x.test', 7)`,
    ]);
    const error = await half.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DatabaseError);
    expect(error).toMatchObject({ failure: "constraint", constraint: "grown_up", statementIndex: 1 });
    expect(await db.query(sql`select id from people`)).toEqual([{ id: "ada" }]);
  });

  test.each([
    ["a primary key", "insert into people (id, email) values ('ada', 'b@x.test')", "people.id"],
    ["a unique expression index", "insert into people (id, email) values ('b', 'ADA@x.test')", "people_email"],
    ["a unique index of two columns", "insert into pairs values (1, 2), (1, 2)", "pairs.a, pairs.b"],
    ["a CHECK", "insert into people (id, email, age) values ('b', 'b@x.test', 3)", "grown_up"],
    ["a NOT NULL", "insert into people (id) values ('b')", "people.email"],
    ["a foreign key", "insert into pets (person_id) values ('nobody')", "FOREIGN KEY constraint failed"],
    ["a trigger", "delete from people", "people_stay"],
  ])("the name of %s that refuses is told alike", async (_, text, constraint) => {
    const error = await db.write([raw("select 1"), raw(text)]).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ failure: "constraint", constraint, statementIndex: 1 });
    expect(violates(error, constraint)).toBe(true);
    expect(violates(error, "another")).toBe(false);
  });

  test("a programming error is neither a constraint nor an absence", async () => {
    const write = await db.write([raw("select nope from people")]).catch((reason: unknown) => reason);
    expect(write).toMatchObject({ failure: "other", constraint: undefined });
    const read = await db.query(raw("selec 1")).catch((reason: unknown) => reason);
    expect(read).toMatchObject({ failure: "other" });
  });

  test("the trace has the text of each statement and no value", async () => {
    await db.query(sql`select id from people where email = ${"secret@x.test"}`);
    await db.queryAll([sql`select ${"secret"} as a`]);
    await db.write([sql`update people set age = ${40} where id = ${"secret"}`]);
    expect(seen).toHaveLength(3);
    expect(seen[0]).toBe("select id from people where email = ?");
    expect(seen.join()).not.toContain("secret");
  });

  test("those who listen hear of writes that happened, and of no other", async () => {
    let heard = 0;
    const stop = db.onWrite(() => heard++);
    await db.write([sql`update people set age = 40 where id = 'ada'`]);
    await db.query(sql`select 1`);
    await db.write([sql`delete from people`]).catch(() => "refused, as it should be");
    expect(heard).toBe(1);
    stop();
    await db.write([sql`update people set age = 36 where id = 'ada'`]);
    expect(heard).toBe(1);
  });

  test("drizzle queries that were built once are filled by name", async () => {
    const byAge = prepare(
      new QueryBuilder()
        .select({ id: people.id, active: people.active, older: drizzleSql<number>`${people.age} + 1`.as("older") })
        .from(people)
        .where(and(eq(people.age, placeholder("age")), eq(people.id, placeholder("id")))),
    );
    expect(await db.query(byAge({ id: "ada", age: 36 }))).toEqual([{ id: "ada", active: 1, older: 37 }]);
    expect(await db.query(byAge({ age: 36, id: "bob" }))).toEqual([]);
    expect(() => byAge({ id: "ada" })).toThrow("age");
  });

  test("20 readers at once see foreign keys on, and on a file synchronous=FULL", async () => {
    const pragmas = () => Promise.all([db.query(raw("pragma synchronous")), db.query(raw("pragma foreign_keys"))]);
    for (const [synchronous, keys] of await Promise.all(Array.from({ length: 30 }, pragmas))) {
      if (kind === "file") expect(synchronous).toEqual([{ synchronous: 2 }]);
      expect(keys).toEqual([{ foreign_keys: 1 }]);
    }
  });
});

test("the compiler refuses what would write past the journal", async () => {
  const db = await openDatabase(`file:${join(folder.path, "refused.db")}`);
  // @ts-expect-error there is no interactive transaction
  expect(() => db.transaction()).toThrow(TypeError);
  // @ts-expect-error a statement is made by `sql`, never by hand
  const byHand: Sql = { sql: "select 1", args: [], marks: [] };
  expect(await db.query(byHand)).toEqual([{ 1: 1 }]);
  db.close();
});
