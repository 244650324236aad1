import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type Database, openDatabase, raw, sql } from "@stoa/db";
import { migrate, rollback, schemaOf } from "@stoa/db/migrations";
import { expectedSchema, readMigrations } from "@stoa/db/migrations/read";
import { services } from "@stoa/events";
import { migrationOf, rowsOf, type SqldServer, startSqld } from "@stoa/testing";
import { checkFiles } from "./check.ts";
import { sourceOf } from "./source.ts";

/** Tables, their columns and their indexes, as SQLite understands them: what a table WITHOUT ROWID is its own key's index. */
const shapeOf = (db: Database) =>
  db.query(sql`select t.name as "table", c.name as "column", c.type, c."notnull", c.dflt_value, c.pk, c.hidden
      from sqlite_master t, pragma_table_xinfo(t.name) c where t.type = 'table' and t.sql not like '%virtual table%'
    union all select tbl_name, name, sql, 0, null, 0, 0 from sqlite_master where type = 'index' and sql is not null order by 1, 2`);

describe.each(services.map((service) => [service] as const))("the migrations of %s", (service) => {
  let db: Database;

  beforeEach(async () => {
    db = await openDatabase("file::memory:");
  });

  test("are all written, each with its .down.sql, and tables.ts has no change that they lack", async () => {
    expect(readMigrations(service).length).toBeGreaterThan(0);
    expect(await checkFiles(await sourceOf(service))).toEqual([]);
  });

  test("create the same schema going up as going up, down and up, and leave nothing when they are undone", async () => {
    const migrations = readMigrations(service);
    await migrate(db, migrations);
    const first = await schemaOf(db);
    for (const { tag } of migrations.toReversed()) expect(await rollback(db, migrations)).toEqual([tag]);
    expect(await schemaOf(db)).toEqual(new Map());
    await migrate(db, migrations);
    expect(await schemaOf(db)).toEqual(first);
  });

  test("create the tables, columns and indexes that tables.ts declares", async () => {
    await migrate(db, readMigrations(service));
    const declared = await openDatabase("file::memory:");
    const { tables } = await sourceOf(service);
    await migrate(declared, [await migrationOf({ tables })]);
    const names = new Set((await shapeOf(declared)).map((row) => row["table"]));
    expect((await shapeOf(db)).filter((row) => names.has(row["table"]))).toEqual(await shapeOf(declared));
  });

  test("give every foreign key an index that begins with it", async () => {
    await migrate(db, readMigrations(service));
    const bare = await db.query(
      sql`select t.name || '.' || k."from" as "column" from sqlite_master t, pragma_foreign_key_list(t.name) k
        where t.type = 'table' and k.seq = 0 and not exists (
          select 1 from pragma_index_list(t.name) i, pragma_index_info(i.name) c where c.seqno = 0 and c.name = k."from")`,
    );
    expect(bare).toEqual([]);
  });

  test("create the journal with its triggers and its id", async () => {
    await migrate(db, readMigrations(service));
    const triggers = await rowsOf<{ name: string }>(
      db,
      sql`select name from sqlite_master where type = 'trigger' and tbl_name = 'journal' order by name`,
    );
    expect(triggers.map(({ name }) => name)).toEqual([
      "journal_known_event",
      "journal_refuses_delete",
      "journal_refuses_edit",
      "journal_refuses_gap",
      "journal_refuses_replace",
      "journal_refuses_update",
    ]);
    expect(await db.query(raw("select journal_id from journal_identity"))).toHaveLength(1);
    await expect(db.write([raw("insert into guard (rule) values ('known_event')")])).rejects.toMatchObject({
      constraint: "known_event",
    });
  });
});

describe("on sqld", () => {
  let sqld: SqldServer;

  beforeAll(async () => {
    sqld = await startSqld();
  });

  afterAll(() => sqld[Symbol.asyncDispose]());

  test.each(services.map((service) => [service] as const))(
    "the migrations of %s run up, down and up as on a file",
    async (service) => {
      const db = await openDatabase(sqld.url);
      const migrations = readMigrations(service);
      await migrate(db, migrations);
      expect(migrations.at(-1)?.tag).toBe(expectedSchema(service));
      const first = await schemaOf(db);
      await rollback(db, migrations, { to: null });
      expect(await schemaOf(db)).toEqual(new Map());
      await migrate(db, migrations);
      expect(await schemaOf(db)).toEqual(first);
      await rollback(db, migrations, { to: null });
      db.close();
    },
  );
});
