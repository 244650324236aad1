import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { raw, sql } from "./sql.ts";
import { bindable, Statements } from "./statements-bun.ts";

let db: Database;

beforeEach(() => {
  db = new Database(":memory:");
});

afterEach(() => db.close(true));

describe("statements", () => {
  test("are prepared once by their text, and known by whether they give rows", () => {
    const statements = new Statements(db, 10);
    db.run("create table t (x)");
    const read = statements.prepare("select x from t");
    expect(statements.prepare("select x from t")).toBe(read);
    expect(read.reads).toBe(true);
    expect(statements.prepare("insert into t values (?)").reads).toBe(false);
    expect(statements.prepare("insert into t values (?) returning x").reads).toBe(true);
    statements.clear();
  });

  test("are finalized when there are too many, the one not used for longest first", () => {
    const statements = new Statements(db, 3);
    const [one, two, three] = [1, 2, 3].map((n) => statements.prepare(`select ${n} as n`).statement);
    statements.prepare("select 1 as n");
    statements.prepare("select 4 as n");
    expect(statements.size).toBe(3);
    expect(() => two?.all()).toThrow("finalized");
    expect(one?.all()).toEqual([{ n: 1 }]);
    expect(three?.all()).toEqual([{ n: 3 }]);
    for (let n = 10; n < 1_000; n++) statements.prepare(`select ${n} as n`);
    expect(statements.size).toBe(3);
    statements.clear();
    expect(statements.size).toBe(0);
  });

  test("that change the schema run once, and are not kept", () => {
    const statements = new Statements(db, 10);
    for (const text of ["create table t (x)", " ALTER table t add column y", "\nDrop table t"]) {
      using statement = statements.prepare(text).statement;
      statement.run();
    }
    expect(statements.size).toBe(0);
    statements.prepare("select 'create table t (x)'");
    expect(statements.size).toBe(1);
    statements.clear();
  });

  test("go on when the schema changes under them", () => {
    const statements = new Statements(db, 10);
    db.run("create table t (x)");
    db.run("insert into t values (1)");
    const { statement } = statements.prepare("select * from t");
    expect(statement.all()).toEqual([{ x: 1 }]);
    db.run("alter table t add column y default 2");
    expect(statement.all()).toEqual([{ x: 1, y: 2 }]);
    db.run("drop table t");
    expect(() => statement.all()).toThrow("no such table");
    db.run("create table t (z)");
    db.run("insert into t values (3)");
    expect(statement.all()).toEqual([{ z: 3 }]);
    statements.clear();
  });

  test("are not compiled anew for each value of a limit", () => {
    const statements = new Statements(db, 10);
    db.run("create table t (x)");
    db.run("insert into t values (1), (2), (3)");
    const { statement } = statements.prepare("select x from t order by x LIMIT ? offset ?");
    expect(String(statement)).toBe("select x from t order by x limit (NULL + 0) offset NULL");
    expect([statement.all(2, 1), statement.all(1, 0)]).toEqual([[{ x: 2 }, { x: 3 }], [{ x: 1 }]]);
    statements.clear();
  });

  test("one that cannot be prepared is not kept", () => {
    const statements = new Statements(db, 10);
    expect(() => statements.prepare("selec 1")).toThrow("syntax error");
    expect(statements.size).toBe(0);
  });
});

describe("arguments", () => {
  test("are bound as they are, but for -0, which SQLite would keep as REAL", () => {
    const { args } = sql`${1} ${"a"} ${null} ${true} ${1.5}`;
    expect(bindable(sql`${1} ${"a"} ${null} ${true} ${1.5}`)).toEqual([...args]);
    expect(bindable(sql`${-0} ${7n}`)).toEqual([0, 7n]);
    expect(bindable(sql`${2n ** 63n - 1n} ${-(2n ** 63n)}`)).toEqual([2n ** 63n - 1n, -(2n ** 63n)]);
  });

  test.each([2n ** 63n, -(2n ** 63n) - 1n])("%p does not fit and is refused", (value) => {
    expect(() => bindable(sql`${value}`)).toThrow(RangeError);
  });

  test("undefined is refused rather than stored as null", () => {
    expect(() => bindable({ ...raw("?"), args: [undefined as never] })).toThrow(TypeError);
  });
});
