import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import {
  atEveryStep,
  intercepted,
  type SqldServer,
  startSqld,
  type TemporaryDirectory,
  temporaryDirectory,
} from "@stoa/testing";
import { type Database, openDatabase } from "../database.ts";
import { raw, sql } from "../sql.ts";
import {
  breakpoint,
  type Migration,
  MigrationError,
  migrate,
  migrationStates,
  rollback,
  schemaIsCurrent,
  schemaOf,
} from "./index.ts";

const text = (...statements: string[]) => statements.join(`\n${breakpoint}\n`);

const migrations: readonly Migration[] = [
  {
    tag: "0000_initial",
    up: text("create table a (id integer primary key);", "create table b (a_id integer references a (id))"),
    down: text("drop table b", "drop table a"),
  },
  {
    tag: "0001_triggers",
    up: text(
      "-- keeps rows",
      "create trigger a_stays before delete on a begin select 1; select raise(abort, 'a_stays'); end;",
    ),
    down: "drop trigger a_stays",
  },
  { tag: "0002_more", up: "alter table a add column name text", down: "alter table a drop column name" },
];
const all = migrations.map(({ tag }) => tag);

let folder: TemporaryDirectory;
let sqld: SqldServer;

beforeAll(async () => {
  folder = await temporaryDirectory("migrations");
  sqld = await startSqld();
});

afterAll(async () => {
  await sqld[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe.each(["file", "http"] as const)("migrations over %s", (kind) => {
  let db: Database;
  let url = "";

  beforeEach(async () => {
    url = kind === "file" ? `file:${join(folder.path, `${crypto.randomUUID()}.db`)}` : sqld.url;
    db = await openDatabase(url);
  });

  afterEach(async () => {
    if (kind === "http") {
      await db.write(["drop table if exists b", "drop table if exists a", "drop table if exists migrations"].map(raw));
    }
    db.close();
  });

  test("run in order, once", async () => {
    expect(await schemaIsCurrent(db, "0002_more")).toBe(false);
    expect(await migrate(db, migrations)).toEqual(all);
    expect(await migrate(db, migrations)).toEqual([]);
    expect([...(await schemaOf(db)).keys()]).toEqual(["table a", "table b", "trigger a_stays"]);
    expect(await schemaIsCurrent(db, "0002_more")).toBe(true);
    expect(await schemaIsCurrent(db, "0001_triggers")).toBe(false);
  });

  test("run up to a given tag, and are undone down to a given tag", async () => {
    expect(await migrate(db, migrations, { to: "0001_triggers" })).toEqual(["0000_initial", "0001_triggers"]);
    expect(await migrate(db, migrations)).toEqual(["0002_more"]);
    expect(await rollback(db, migrations)).toEqual(["0002_more"]);
    expect(await rollback(db, migrations, { to: "0000_initial" })).toEqual(["0001_triggers"]);
    expect(await rollback(db, migrations, { to: "0000_initial" })).toEqual([]);
    expect(await migrate(db, migrations)).toEqual(["0001_triggers", "0002_more"]);
    expect(await rollback(db, migrations, { to: null })).toEqual(all.toReversed());
    expect((await schemaOf(db)).size).toBe(0);
    expect(await rollback(db, migrations)).toEqual([]);
  });

  test("up, down and up again make the same schema", async () => {
    await migrate(db, migrations);
    const first = await schemaOf(db);
    await rollback(db, migrations, { to: null });
    await migrate(db, migrations);
    expect(await schemaOf(db)).toEqual(first);
  });

  test("one that fails changes nothing, and those before it stay", async () => {
    const broken = { tag: "0003_broken", up: text("create table c (x)", "create table a (x)"), down: "drop table c" };
    await expect(migrate(db, [...migrations, broken])).rejects.toMatchObject({
      name: "DatabaseError",
      statementIndex: 2,
    });
    expect((await schemaOf(db)).has("table c")).toBe(false);
    expect(await schemaIsCurrent(db, "0002_more")).toBe(true);
  });

  test("five runners at once do the work once", async () => {
    const others = await Promise.all(Array.from({ length: 5 }, () => openDatabase(url)));
    const done = await Promise.all(others.map((other) => migrate(other, migrations)));
    expect(done.flat().toSorted()).toEqual(all);
    for (const other of others) other.close();
  });

  test("show which have run and when", async () => {
    const before = Date.now();
    await migrate(db, migrations, { to: "0000_initial" });
    const [first, second] = await migrationStates(db, migrations);
    expect(first).toMatchObject({ tag: "0000_initial", drift: "none" });
    const at = Date.parse(first?.applied_at ?? "");
    expect([at >= before, at <= Date.now()]).toEqual([true, true]);
    expect(second).toEqual({ tag: "0001_triggers", applied_at: null, drift: "none" });
  });

  test("are refused when an applied one was edited", async () => {
    await migrate(db, migrations, { to: "0000_initial" });
    const edited = migrations.map((migration) => ({ ...migration, up: `${migration.up}\n` }));
    expect((await migrationStates(db, edited))[0]?.drift).toBe("edited");
    await expect(migrate(db, edited)).rejects.toThrow("0000_initial was edited after it had been applied");
    await expect(rollback(db, edited)).rejects.toThrow(MigrationError);
  });

  test("are refused when a newer version has run one that is unknown here", async () => {
    await migrate(db, migrations);
    const older = migrations.slice(0, 2);
    expect((await migrationStates(db, older)).at(-1)).toMatchObject({ tag: "0002_more", drift: "unknown" });
    await expect(migrate(db, older)).rejects.toThrow(
      "The database has run 0002_more, which this version does not know",
    );
    expect(await schemaIsCurrent(db, "0001_triggers")).toBe(false);
  });

  test("are refused for an unknown tag, and not undone when .down.sql is empty", async () => {
    await expect(migrate(db, migrations, { to: "0009_no" })).rejects.toThrow("There is no migration 0009_no.");
    const oneWay = [{ tag: "0000_one_way", up: "create table a (id)", down: "-- later\n" }];
    await migrate(db, oneWay);
    await expect(rollback(db, oneWay)).rejects.toThrow("0000_one_way.down.sql is empty");
    await expect(rollback(db, oneWay, { to: "0009_no" })).rejects.toThrow("There is no migration 0009_no.");
  });

  test("are refused with a PRAGMA, because dropping a table would delete the rows that refer to it", async () => {
    await migrate(db, migrations);
    await db.write([sql`insert into a (id) values (1)`, sql`insert into b (a_id) values (1)`]);
    const rebuild = { tag: "0003_rebuild", up: text("PRAGMA foreign_keys=OFF;", "drop table a"), down: "select 1" };
    await expect(migrate(db, [...migrations, rebuild])).rejects.toThrow("cannot use PRAGMA");
    expect(await db.query(sql`select a_id from b`)).toEqual([{ a_id: 1 }]);
  });
});

const runs = {
  "a migration": (db: Database) => migrate(db, migrations),
  "a rollback of the newest": (db: Database) => rollback(db, migrations),
  "a rollback of all": (db: Database) => rollback(db, migrations, { to: null }),
};
const kinds = Object.keys(runs) as (keyof typeof runs)[];

test.each(kinds.flatMap((one) => kinds.map((other) => [other, one] as const)))(
  "%s before any step of %s leaves the schema of the migrations that have run, the first so many of all",
  async (rival, what) => {
    const db = await openDatabase(`file:${join(folder.path, `${crypto.randomUUID()}.db`)}`);
    const schemas = [await schemaOf(db)];
    for (const to of all) {
      await migrate(db, migrations, { to });
      schemas.push(await schemaOf(db));
    }
    for (const to of ["0000_initial", "0002_more"]) {
      await atEveryStep(async (overtaken, step) => {
        await rollback(db, migrations, { to: null });
        await migrate(db, migrations, { to });
        await runs[what](overtaken(db, () => runs[rival](db))).catch((error: unknown) => {
          expect(error).toBeInstanceOf(MigrationError);
        });
        const states = await migrationStates(db, migrations);
        const ran = states.filter(({ applied_at }) => applied_at !== null).map(({ tag }) => tag);
        expect([to, step, ran]).toEqual([to, step, all.slice(0, ran.length)]);
        expect([to, step, await schemaOf(db)]).toEqual([to, step, schemas[ran.length] ?? new Map()]);
      });
    }
    db.close();
  },
);

test("of two that undo the newest at once, one does", async () => {
  const db = await openDatabase(`file:${join(folder.path, `${crypto.randomUUID()}.db`)}`);
  await migrate(db, migrations);
  let other: string[] = [];
  const overtaken = intercepted(db, {
    write: async () => {
      other = await rollback(db, migrations);
    },
  });
  expect([await rollback(overtaken, migrations), other]).toEqual([[], ["0002_more"]]);
  expect(await schemaIsCurrent(db, "0001_triggers")).toBe(true);
  db.close();
});

test("one that stands on another which is to be undone, and is applied meanwhile, refuses that", async () => {
  const db = await openDatabase(`file:${join(folder.path, `${crypto.randomUUID()}.db`)}`);
  await migrate(db, migrations, { to: "0001_triggers" });
  const overtaken = intercepted(db, { write: () => migrate(db, migrations) });
  await expect(rollback(overtaken, migrations)).rejects.toThrow("0002_more was applied meanwhile; undo that first.");
  expect(await schemaIsCurrent(db, "0002_more")).toBe(true);
  db.close();
});
