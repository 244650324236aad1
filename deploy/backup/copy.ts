import { Database } from "bun:sqlite";
import { rmSync } from "node:fs";
import { OperatorError } from "@stoa/errors";
import { copyFlushed } from "./files.ts";
import type { Manifest } from "./manifest.ts";

/** How long a copy waits for another process's lock; milliseconds. Only this process waits. */
const BUSY_TIMEOUT_MS = 10_000;

/** What a copied database says of itself. */
export interface Facts {
  readonly journal: Manifest["journals"]["identity"];
  readonly cursors: Manifest["cursors"]["identity"];
  readonly migrations: readonly { readonly tag: string; readonly hash: string }[];
}

/**
 * Copies a database as it is in one moment, while another process writes it: a reader of a write-ahead log holds nobody
 * up. Never call it in a process that has the file open itself, because it blocks its thread for the whole time.
 *
 * SQLite's copy is not flushed, because its one flush would hold up the commits of the running server for as long as it
 * takes. It is copied once more, a little at a time, and deleted before most of it has come to the disk.
 *
 * @param target must not exist, in a folder that only its owner can read
 */
export function copyDatabase(source: string, target: string): void {
  const unflushed = `${target}.unflushed`;
  const db = new Database(source, { readonly: true });
  try {
    db.run(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
    // Of the copy only: this connection writes nothing else.
    db.run("pragma synchronous = off");
    db.prepare("vacuum into ?").run(unflushed);
    copyFlushed(unflushed, target);
  } catch (error) {
    throw because(`${source} cannot be copied`, error);
  } finally {
    db.close();
    rmSync(unflushed, { force: true });
  }
}

/** Reads how far a copied database goes. @throws OperatorError when it cannot be read */
export function factsOf(path: string): Facts {
  return reading(path, readFacts);
}

/**
 * Checks every page and index of a copied database. A search index that SQLite calls malformed is merged in the copy first,
 * because one that an older SQLite has written may have nothing worse than empty pages (docs/decisions/search.md).
 *
 * @throws OperatorError when it is damaged
 */
export function requireIntact(path: string): void {
  if (faultIn(path) === undefined) return;
  mergeIndexes(path);
  const fault = faultIn(path);
  if (fault !== undefined) throw new OperatorError(`${path} is damaged: ${fault}`);
}

function faultIn(path: string): string | undefined {
  const [first] = reading(path, (db) => db.prepare<[string], []>("pragma integrity_check").values());
  const found = String(first?.[0]);
  return found === "ok" ? undefined : found;
}

function mergeIndexes(path: string): void {
  const db = new Database(path, { create: false });
  try {
    const names = db
      .prepare<[string], []>("select name from sqlite_schema where sql like 'create virtual table % using fts5%'")
      .values();
    for (const [name] of names) db.run(`insert into ${name} (${name}) values ('optimize')`);
  } catch (error) {
    throw because(`${path} is damaged`, error);
  } finally {
    db.close();
  }
}

function reading<T>(path: string, read: (db: Database) => T): T {
  const db = new Database(path, { readonly: true });
  try {
    return read(db);
  } catch (error) {
    throw because(`${path} cannot be read`, error);
  } finally {
    db.close();
  }
}

function because(what: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof OperatorError) return error;
  const known = new OperatorError(`${what}: ${error.message}`);
  known.cause = error;
  return known;
}

function readFacts(db: Database): Facts {
  const has = (table: string) =>
    db.prepare("select 1 from sqlite_master where type = 'table' and name = ?").values(table).length > 0;
  const rows = <T>(sql: string) => db.prepare<T, []>(sql).all();
  const [journal] = rows<Facts["journal"]>(
    "select journal_id, (select coalesce(max(seq), 0) from journal) as seq from journal_identity",
  );
  if (!journal) throw new OperatorError("A database has no journal; its first migrations have not run.");
  return {
    journal,
    cursors: has("cursors") ? rows("select source, journal_id, seq from cursors where seq > 0 order by source") : [],
    migrations: rows("select tag, hash from migrations order by tag"),
  };
}
