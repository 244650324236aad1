import { Database, type Statement } from "bun:sqlite";
import { BusyRetries } from "./busy-retries.ts";
import type { Engine, Result, Row } from "./engine.ts";
import { DamagedFileError, DatabaseError, toDatabaseError } from "./errors.ts";
import type { KnownDatabase } from "./file-marks-bun.ts";
import { filePathOf } from "./file-path.ts";
import { FileWatch } from "./file-watch-bun.ts";
import { watchForeignWrites } from "./foreign-writes.ts";
import { requireFullTextSearch } from "./full-text-search-bun.ts";
import { privateFile, restrictFile } from "./private-files-bun.ts";
import { Scanner } from "./scanner-bun.ts";
import type { Sql } from "./sql.ts";
import { bindable, Statements } from "./statements-bun.ts";

/** Prepared statements that a connection keeps. */
const keptStatements = 500;

/**
 * How long SQLite itself waits for another process's lock; milliseconds. It stops the whole process meanwhile, so that
 * the rest of the patience is spent between turns of the event loop, see {@link BusyRetries}.
 */
const BUSY_TIMEOUT_MS = 25;

/**
 * A file by Bun's own SQLite, or `file::memory:`. One connection reads and writes; a batch runs in one turn of the
 * event loop, so that nothing in this process ever sees half of it. Long reads have a thread of their own (`scan`).
 */
export async function openFileEngine(url: string): Promise<Engine> {
  const path = pathOf(url);
  requireFullTextSearch();
  const retries = new BusyRetries();
  const db = await retries.run(() => openConnection(path));
  return new FileEngine(db, path, retries);
}

class FileEngine implements Engine {
  readonly kind = "file";
  readonly #db: Database;
  readonly #path: string;
  readonly #statements: Statements;
  readonly #retries: BusyRetries;
  readonly #scanner: Scanner | undefined;
  readonly #watch: FileWatch | undefined;
  #closed = false;

  constructor(db: Database, path: string, retries: BusyRetries) {
    this.#db = db;
    this.#path = path;
    this.#retries = retries;
    this.#statements = new Statements(db, keptStatements);
    this.#watch = path === ":memory:" ? undefined : new FileWatch(path, this.#known());
    this.#scanner = path === ":memory:" ? undefined : new Scanner(path);
  }

  rows(statement: Sql) {
    return this.#retries.run(() => this.#alone(() => this.#read(statement)));
  }

  snapshot(statements: readonly Sql[]) {
    return this.#retries.run(() => this.#batch("begin", statements, (statement) => this.#read(statement)));
  }

  transaction(statements: readonly Sql[], relaxed: boolean) {
    return this.#retries.run(() => (relaxed ? this.#unflushed(statements) : this.#durable(statements)));
  }

  scan(statement: Sql) {
    if (this.#closed) throw closed();
    return this.#scanner ? this.#scanner.scan(statement) : this.rows(statement);
  }

  onForeignWrite(listener: () => void) {
    const version = () => (this.#closed ? undefined : this.#prepare("pragma data_version").statement.get());
    return watchForeignWrites(() => (version() as { data_version: number } | null | undefined)?.data_version, listener);
  }

  waits() {
    return this.#retries.count;
  }

  lost() {
    return this.#watch?.look();
  }

  checkpoint() {
    if (this.#closed) return true;
    using statement = this.#db.prepare<{ busy: number }, []>("pragma wal_checkpoint(truncate)");
    return statement.get()?.busy === 0;
  }

  /** Moves what the write-ahead log holds into the file: whoever copies the file alone has everything. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch?.stop();
    const ended = this.#scanner?.close();
    this.#statements.clear();
    try {
      // Closing would do the same, were it not for the thread's connection, which may close after this one.
      if (this.#path !== ":memory:") this.#db.run("pragma wal_checkpoint(truncate)");
    } catch (error) {
      throw failed(error, this.#path);
    } finally {
      this.#db.close(true);
      void ended?.then(() => this.#watch?.release());
    }
  }

  /** By which the file is recognised. A read that fails now says nothing; whoever needs it reports the error. */
  #known(): KnownDatabase {
    const value = <T>(text: string): T | undefined => {
      try {
        const row = this.#prepare(text).statement.get() as { value: T } | null;
        return row?.value;
      } catch {
        return undefined;
      }
    };
    return {
      schemaVersion: () => value("select schema_version as value from pragma_schema_version"),
      identityPage: () => value("select rootpage as value from sqlite_schema where name = 'journal_identity'"),
      identity: () => value("select journal_id as value from journal_identity"),
      madeAt: () => value("select applied_at as value from migrations order by tag limit 1"),
    };
  }

  #read(statement: Sql): Row[] {
    const { statement: prepared, once } = this.#prepare(statement.sql);
    const rows = prepared.all(bindable(statement)) as Row[];
    if (once) prepared.finalize();
    return rows;
  }

  #run(statement: Sql): Result {
    const { statement: prepared, reads, once } = this.#prepare(statement.sql);
    if (once) return { rows: [], changes: runOnce(prepared, statement) };
    if (!reads) return { rows: [], changes: prepared.run(bindable(statement)).changes };
    const rows = prepared.all(bindable(statement)) as Row[];
    return { rows, changes: prepared.readonly ? 0 : this.#changes() };
  }

  #durable(statements: readonly Sql[]): Result[] {
    const lost = this.#watch?.lost;
    if (lost !== undefined) throw new DatabaseError("unavailable", new Error(lost));
    return this.#batch("begin immediate", statements, (statement) => this.#run(statement));
  }

  /** Without the flush to the disk, which is most of what a small batch costs; the next durable one flushes both. */
  #unflushed(statements: readonly Sql[]): Result[] {
    this.#alone(() => this.#prepare("pragma synchronous = normal").statement.run());
    try {
      return this.#durable(statements);
    } finally {
      this.#alone(() => this.#prepare("pragma synchronous = full").statement.run());
    }
  }

  #changes(): number {
    const [row] = this.#prepare("select changes() as n").statement.all() as { n: number }[];
    return row?.n ?? 0;
  }

  #prepare(text: string) {
    if (this.#closed) throw closed();
    return this.#statements.prepare(text);
  }

  #alone<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw failed(error, this.#path);
    }
  }

  #batch<T>(begin: string, statements: readonly Sql[], run: (statement: Sql) => T): T[] {
    const results: T[] = [];
    this.#alone(() => this.#prepare(begin).statement.run());
    try {
      for (const statement of statements) results.push(run(statement));
      this.#prepare("commit").statement.run();
      return results;
    } catch (error) {
      // Some failures (a full disk) have rolled back by themselves.
      if (!this.#closed && this.#db.inTransaction) this.#prepare("rollback").statement.run();
      const failure = failed(error, this.#path, results.length < statements.length ? results.length : undefined);
      if (failure.failure !== "constraint") this.#watch?.look();
      throw failure;
    }
  }
}

/** Runs a statement that is not kept. @returns how many rows it has changed */
function runOnce(prepared: Statement, statement: Sql): number {
  using once = prepared;
  return once.run(bindable(statement)).changes;
}

function openConnection(path: string): Database {
  let db: Database | undefined;
  try {
    keepPrivate(path);
    db = new Database(path, { create: true, readwrite: true });
    db.run(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
    db.run("pragma journal_mode = wal");
    db.run("pragma synchronous = full");
    db.run("pragma foreign_keys = on");
    // What was deleted is overwritten in the file, and sorting leaves nothing in files of its own.
    db.run("pragma secure_delete = on");
    db.run("pragma temp_store = memory");
    db.run("pragma cache_size = -8000");
    return db;
  } catch (error) {
    db?.close();
    throw failed(error, path);
  }
}

/** SQLite gives the log and its index the mode of the database, but leaves those that exist as they are. */
function keepPrivate(path: string): void {
  if (path === ":memory:") return;
  try {
    privateFile(path);
    for (const suffix of ["-wal", "-shm"]) restrictFile(path + suffix);
  } catch (error) {
    throw unavailable(error);
  }
}

function pathOf(url: string): string {
  try {
    return filePathOf(url);
  } catch (error) {
    throw toDatabaseError(error);
  }
}

function failed(error: unknown, path: string, statementIndex?: number): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const code = codeOf(error);
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) return new DamagedFileError(path, error);
  return toDatabaseError(error, statementIndex);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

const unavailable = (cause: unknown) => new DatabaseError("unavailable", cause);

const closed = () => unavailable(new Error("The database was closed."));
