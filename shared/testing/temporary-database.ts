import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, openDatabase, sql } from "@stoa/db";
import { type Migration, migrate, type SchemaSql } from "@stoa/db/migrations";
import { readMigrations } from "@stoa/db/migrations/read";
import type { ServiceName } from "@stoa/events";
import { atEnd } from "./at-end.ts";
import { databasesAtServer, serverDatabase } from "./database-server.ts";
import { requireOldest } from "./oldest-sqlite.ts";

/** A database that is deleted after the test. */
export interface TemporaryDatabase extends AsyncDisposable {
  readonly db: Database;
  /** The address, to open the database a second time: `file:`, unless databases are at a server. */
  readonly url: string;
  /** Deletes it, once however often it is called. */
  dispose(): Promise<void>;
}

/** Where a database is made. */
export interface Place {
  /** In a file, also where databases are at a server: for a test of what stands in the file itself. */
  readonly inFile?: boolean;
}

/** A schema that belongs to no service: drizzle tables, and SQL that drizzle cannot express. */
export interface TestSchema {
  readonly tables: Record<string, unknown>;
  readonly sql?: readonly SchemaSql[];
}

/**
 * Makes a service's migrated database, in a file of its own and with a journal id of its own. The migrations run once
 * in a process, and each database is a copy. When it is disposed of, the statements that ran on it are compiled by the
 * oldest SQLite too that Stoa runs on.
 *
 * @example
 * await using stored = await temporaryDatabase("projects");
 * await createTask({ db: stored.db, now }, actor, input, unclaimed);
 */
export async function temporaryDatabase(
  schema: ServiceName | TestSchema,
  { inFile = !databasesAtServer }: Place = {},
): Promise<TemporaryDatabase> {
  if (!inFile) return temporaryAtServer(schema);
  const dir = mkdtempSync(join(tmpdir(), "stoa-db-"));
  const remove = () => rmSync(dir, { recursive: true, force: true });
  const callOff = atEnd(remove);
  const file = join(dir, "test.db");
  const template = await templateOf(schema);
  copyFileSync(template, file);
  const url = `file:${file}`;
  const statements = new Set<string>();
  const db = await openDatabase(url, { checkRows: true, trace: (text) => statements.add(text) });
  await renewJournalId(db);
  return disposable(db, url, async () => {
    db.close();
    remove();
    callOff();
    await requireOldest(template, statements);
  });
}

/** The same at an sqld, which is slower: the migrations run for each. */
async function temporaryAtServer(schema: ServiceName | TestSchema): Promise<TemporaryDatabase> {
  const { url, remove } = await serverDatabase();
  const db = await openDatabase(url, { checkRows: true, timeoutMs: 20_000 });
  await migrate(db, typeof schema === "string" ? readMigrations(schema) : [await migrationOf(schema)]);
  return disposable(db, url, async () => {
    db.close();
    await remove();
  });
}

function disposable(db: Database, url: string, end: () => Promise<void>): TemporaryDatabase {
  let ended: Promise<void> | undefined;
  const dispose = () => {
    ended ??= end();
    return ended;
  };
  return { db, url, dispose, [Symbol.asyncDispose]: dispose };
}

/** A migration that creates these tables, for databases that belong to no service. */
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

/** Gives a copy its own journal id, because two databases must not claim to be the same journal. */
async function renewJournalId(db: Database): Promise<void> {
  const [table] = await db.query(sql`select 1 from sqlite_master where name = 'journal_identity'`);
  if (table) await db.write([sql`update journal_identity set journal_id = ${crypto.randomUUID()}`]);
}
