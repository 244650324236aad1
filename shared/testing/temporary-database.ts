import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, openDatabase, sql } from "@stoa/db";
import { type Migration, migrate, type SchemaSql } from "@stoa/db/migrations";
import { readMigrations } from "@stoa/db/migrations/read";
import type { ServiceName } from "@stoa/events";
import { atEnd } from "./at-end.ts";

/** A database that is gone after the test. */
export interface TemporaryDatabase extends AsyncDisposable {
  readonly db: Database;
  /** `file:` address, to open it a second time. */
  readonly url: string;
  dispose(): Promise<void>;
}

/** A schema that is no service's: drizzle tables, and SQL that drizzle has no words for. */
export interface TestSchema {
  readonly tables: Record<string, unknown>;
  readonly sql?: readonly SchemaSql[];
}

/**
 * A service's migrated database in a file of its own, with a journal id of its own. The migrations run once in a
 * process; each database is a copy.
 *
 * @example
 * await using stored = await temporaryDatabase("projects");
 * await createTask({ db: stored.db, now }, actor, input);
 */
export async function temporaryDatabase(schema: ServiceName | TestSchema): Promise<TemporaryDatabase> {
  const dir = mkdtempSync(join(tmpdir(), "stoa-db-"));
  const remove = () => rmSync(dir, { recursive: true, force: true });
  const callOff = atEnd(remove);
  const file = join(dir, "test.db");
  copyFileSync(await templateOf(schema), file);
  const url = `file:${file}`;
  const db = await openDatabase(url, { checkRows: true });
  await renewJournalId(db);
  const dispose = async () => {
    db.close();
    remove();
    callOff();
  };
  return { db, url, dispose, [Symbol.asyncDispose]: dispose };
}

/** A migration that makes these tables: for databases that belong to no service. */
export async function migrationOf(schema: TestSchema): Promise<Migration> {
  const { generateSQLiteDrizzleJson, generateSQLiteMigration } = await import("drizzle-kit/api");
  const [before, now] = [await generateSQLiteDrizzleJson({}), await generateSQLiteDrizzleJson(schema.tables)];
  const more = schema.sql ?? [];
  return {
    tag: "0000_test",
    up: textOf([...(await generateSQLiteMigration(before, now)), ...more.flatMap(({ up }) => up)]),
    down: textOf([...more.toReversed().flatMap(({ down }) => down), ...(await generateSQLiteMigration(now, before))]),
  };
}

const textOf = (statements: readonly string[]) => statements.join("\n--> statement-breakpoint\n");

const templates = new Map<ServiceName | TestSchema, Promise<string>>();

function templateOf(schema: ServiceName | TestSchema): Promise<string> {
  const known = templates.get(schema) ?? makeTemplate(schema);
  templates.set(schema, known);
  return known;
}

async function makeTemplate(schema: ServiceName | TestSchema): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), "stoa-template-"));
  atEnd(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, "template.db");
  const db = await openDatabase(`file:${file}`);
  await migrate(db, typeof schema === "string" ? readMigrations(schema) : [await migrationOf(schema)]);
  await db.query(sql`pragma wal_checkpoint(truncate)`);
  db.close();
  return file;
}

/** Copies must not pass for the same journal. */
async function renewJournalId(db: Database): Promise<void> {
  const [table] = await db.query(sql`select 1 from sqlite_master where name = 'journal_identity'`);
  if (table) await db.write([sql`update journal_identity set journal_id = ${crypto.randomUUID()}`]);
}
