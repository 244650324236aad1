import { openFileEngine } from "#file-engine";
import type { Engine, Result, Row } from "./engine.ts";
import type { DatabaseError } from "./errors.ts";
import type { HttpEngineOptions } from "./http-engine.ts";
import { columnsOf, type RowsOf, type Select } from "./select.ts";
import { raw, type Sql } from "./sql.ts";
import { type Turns, turns } from "./turns.ts";
import { type SendWrites, type WriteOptions, writeGroups } from "./write-groups.ts";
import { WriteWatch } from "./write-watch.ts";

export type { Result, Row } from "./engine.ts";
export type { WriteOptions } from "./write-groups.ts";

/** The results of a batch, statement by statement. */
export type Results<S extends readonly Sql[]> = { -readonly [K in keyof S]: Result<RowsOf<S[K]>> };

/** The rows of several reads, statement by statement. */
export type RowLists<S extends readonly Sql[]> = { -readonly [K in keyof S]: RowsOf<S[K]>[] };

/**
 * One service's database. There is no interactive transaction: a command reads, decides, then sends one `write`.
 * All methods throw {@link DatabaseError}.
 */
export interface Database {
  /** `file` or `http`; tells nothing of the address. */
  readonly kind: "file" | "http";
  /** Rows of one statement that only reads, and reads little: by an index, with a limit. */
  query<R>(statement: Select<R>): Promise<R[]>;
  query(statement: Sql): Promise<Row[]>;
  /** Rows of several statements in one round trip and one snapshot. */
  queryAll<const S extends readonly Sql[]>(statements: S): Promise<RowLists<S>>;
  /**
   * Rows of one statement that may read much: a report, an export, a count. On a file it runs on a thread with a
   * connection of its own, and sees every write that was answered before. None can be interrupted and one holds up the
   * next, so read a whole table in slices.
   */
  scan<R>(statement: Select<R>): Promise<R[]>;
  scan(statement: Sql): Promise<Row[]>;
  /** Runs the statements as one atomic batch, in mode `write` (BEGIN IMMEDIATE). All or nothing. */
  write<const S extends readonly Sql[]>(statements: S, options?: WriteOptions): Promise<Results<S>>;
  /**
   * Calls back after each `write` that this process committed, or may have (`unknown_outcome`); on a file also within
   * half a second of a write by another process. Returns the way to stop.
   */
  onWrite(listener: () => void): () => void;
  /** Lets commands of this process that contend for the same thing take turns. */
  readonly turns: Turns;
  /** How often a statement or batch was begun again because another process had locked the file; since it was opened. */
  waits(): number;
  /** What is known to be wrong with the database beyond one call; undefined when nothing is. */
  fault(): DatabaseFault | undefined;
  /**
   * Leaves nothing of what was deleted in a file: its write-ahead log still has the old pages until it is emptied.
   *
   * @returns whether that is so now; false while somebody reads an older state. A server sees to it itself
   */
  checkpoint(): boolean;
  close(): void;
}

/** What an operator must know about a database. */
export interface DatabaseFault {
  /** A sentence or two, without an address. */
  readonly reason: string;
  /** Whether requests that only read may still be answered from it. */
  readonly serves: boolean;
}

/** A file is written by one statement after another, whoever asks. */
const fileWrites = { width: 1, most: 16, depth: 1_000 };

/**
 * SQLite has one writer, so more transactions at once gain nothing; and sqld 0.24 stops answering for seconds when some
 * sixty wait for its lock.
 */
const remoteWrites = { width: 2, most: 16, depth: 1_000 };

/** How a database is opened. */
export interface DatabaseOptions {
  readonly authToken?: string | undefined;
  /** Milliseconds an HTTP database may take to answer; 5,000 unless given. */
  readonly timeoutMs?: number;
  /** Sees each statement's text, without its values, before it runs. */
  readonly trace?: (sql: string) => void;
  /** Nothing waits for another request, writes and commands alike: for Workers, where one request must not. */
  readonly alone?: boolean;
  /** Compares the columns that rows really have with those that their {@link Select} says: for tests. */
  readonly checkRows?: boolean;
}

/**
 * Opens a database: `file:` by Bun's SQLite (WAL, `synchronous=FULL`, one process only), `http:`, `https:` or `libsql:`
 * by `@libsql/client`. A file made by either opens in the other.
 *
 * An HTTP batch that got no answer fails as `unknown_outcome`; `commit` of `@stoa/journal` resolves it. On a file
 * another process's lock is waited for, a second at most.
 */
export async function openDatabase(url: string, options: DatabaseOptions = {}): Promise<Database> {
  const { authToken, timeoutMs = 5_000 } = options;
  const engine = url.startsWith("file:")
    ? await openFileEngine(url)
    : await overHttp(url, { authToken, timeoutMs, keepStreams: options.alone !== true });
  return over(engine, options);
}

function over(engine: Engine, { trace, alone, checkRows }: DatabaseOptions): Database {
  const listeners = new Set<() => void>();
  let unwatch: (() => void) | undefined;
  // In a task of its own: a listener that throws must not make a committed write look failed.
  const tell = () => {
    for (const listener of listeners) queueMicrotask(listener);
  };
  const traceAll = (statements: readonly Sql[]) => {
    if (trace) for (const statement of statements) trace(statement.sql);
  };
  const checked = <R extends Row>(statement: Sql, rows: readonly R[]) => {
    if (checkRows) requireColumns(statement, rows);
  };
  const rowsOf = async (statement: Sql) => {
    trace?.(statement.sql);
    const rows = await engine.rows(statement);
    checked(statement, rows);
    return rows;
  };
  const send: SendWrites = async (statements, { relaxed = false } = {}) => {
    traceAll(statements);
    return engine.transaction(statements, relaxed);
  };
  let failed: DatabaseError | undefined;
  const sendWrites = alone ? send : writeGroups(send, engine.kind === "file" ? fileWrites : remoteWrites);
  // It takes the write lock and gives it back. A full disk it does not notice, so that failure stays.
  const probe = () =>
    sendWrites([raw("select 1")]).then(() => {
      if (failed && !isFull(failed)) failed = undefined;
    });
  const watch = alone || engine.kind === "file" ? undefined : new WriteWatch(probe);
  return {
    kind: engine.kind,
    turns: turns(alone !== true),
    query: async <R>(statement: Sql) => (await rowsOf(statement)) as R[],
    queryAll: async <S extends readonly Sql[]>(statements: S) => {
      traceAll(statements);
      const lists = await engine.snapshot(statements);
      for (const [index, statement] of statements.entries()) checked(statement, at(lists, index));
      return lists as RowLists<S>;
    },
    scan: async <R>(statement: Sql) => {
      trace?.(statement.sql);
      const rows = await engine.scan(statement);
      checked(statement, rows);
      return rows as R[];
    },
    write: async <S extends readonly Sql[]>(statements: S, options?: WriteOptions) => {
      const results = await sendWrites(statements, options).catch((error: DatabaseError) => {
        if (error.failure === "unknown_outcome") tell();
        const away = error.failure === "unknown_outcome" || error.failure === "unavailable";
        if (away && engine.lost() === undefined) failed = error;
        if (!away) watch?.came();
        throw error;
      });
      failed = undefined;
      watch?.came();
      tell();
      for (const [index, statement] of statements.entries()) checked(statement, at(results, index).rows);
      return results as readonly Result[] as Results<S>;
    },
    onWrite: (listener) => {
      listeners.add(listener);
      unwatch ??= engine.onForeignWrite?.(tell);
      return () => {
        if (!listeners.delete(listener) || listeners.size > 0) return;
        unwatch?.();
        unwatch = undefined;
      };
    },
    waits: () => engine.waits(),
    fault: () => {
      const lost = engine.lost();
      if (lost !== undefined) return { reason: lost, serves: false };
      const stopped = watch?.look() ?? false;
      if (failed) return { reason: unwritten(engine.kind, failed), serves: true };
      return stopped ? { reason: stoppedWriting, serves: true } : undefined;
    },
    checkpoint: () => engine.checkpoint?.() ?? true,
    close: () => {
      unwatch?.();
      engine.close();
    },
  };
}

/** The client of servers is loaded only where there is one: a process with files starts without it. */
async function overHttp(url: string, options: HttpEngineOptions): Promise<Engine> {
  const { openHttpEngine } = await import("./http-engine.ts");
  return openHttpEngine(url, options);
}

const stoppedWriting =
  "No write has come back from the database server for ten seconds or more, and it still answers reads. Restart it if this goes on.";

/** Whether there is no room to write, or nothing may be written, although the write lock can be had. */
function isFull({ cause }: DatabaseError): boolean {
  return cause instanceof Error && "code" in cause && /^SQLITE_(FULL|IOERR|READONLY)/.test(String(cause.code));
}

/** SQLite's messages hold no values, and those of the HTTP client may hold an address. */
function unwritten(kind: Engine["kind"], { message }: DatabaseError): string {
  return kind === "file"
    ? `The last write failed (${message}). Give the disk room or repair it; writes are tried again with each request.`
    : "The last write was refused or got no answer. Look at the database server; writes are tried again with each request.";
}

function at<T>(results: readonly T[], index: number): T {
  const result = results[index];
  if (result === undefined) throw new Error("The database answered with fewer results than there were statements.");
  return result;
}

/** @throws TypeError when the rows of a statement have other columns than it says */
function requireColumns(statement: Sql, [row]: readonly Row[]): void {
  const said = columnsOf(statement);
  if (!said || !row) return;
  const columns = Object.keys(row);
  if (said.length === columns.length && said.every((name) => columns.includes(name))) return;
  throw new TypeError(`The rows have the columns ${columns.join(", ")}, not ${said.join(", ")}: ${statement.sql}`);
}
