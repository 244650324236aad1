import { openFileEngine } from "#file-engine";
import type { Engine, Result, Row } from "./engine.ts";
import type { DatabaseError } from "./errors.ts";
import { openHttpEngine } from "./http-engine.ts";
import { type Reader, readerOver } from "./reader.ts";
import type { Sql } from "./sql.ts";
import { type WriteOptions, writeGroups } from "./write-groups.ts";

export type { Result, Row } from "./engine.ts";
export type { Reader } from "./reader.ts";
export type { WriteOptions } from "./write-groups.ts";

/** Rows of a batch under the type that their SELECT gives them. */
export function rowsAs<T>(rows: readonly Row[] | undefined): T[] {
  // SQL is text to the compiler: only whoever wrote the SELECT knows its columns.
  return (rows ?? []) as unknown[] as T[];
}

/**
 * One service's database. There is no interactive transaction: a command reads, decides, then sends one `write`.
 * All methods throw {@link DatabaseError}; `reader` throws drizzle's error with it as the cause, see `toDatabaseError`.
 */
export interface Database {
  /** `file` or `http`; tells nothing of the address. */
  readonly kind: "file" | "http";
  /** drizzle for reads; prepare hot queries once. */
  readonly reader: Reader;
  /** Rows of one statement that only reads, and reads little: by an index, with a limit. */
  query<T = Row>(statement: Sql): Promise<T[]>;
  /** The same, each row made into something else by a function that reads its fields by name. */
  queryAs<R extends object, T>(statement: Sql, shape: (row: R) => T): Promise<T[]>;
  /** Rows of several statements in one round trip and one snapshot; see {@link rowsAs}. */
  queryAll(statements: readonly Sql[]): Promise<Row[][]>;
  /**
   * Rows of one statement that may read much: a report, an export, a count. On a file it runs on a thread with a
   * connection of its own and sees every write that was answered before. None can be interrupted and one holds up the
   * next, so whoever reads a whole table does it in slices.
   */
  scan<T = Row>(statement: Sql): Promise<T[]>;
  /** Runs the statements as one atomic batch, in mode `write` (BEGIN IMMEDIATE). All or nothing. */
  write(statements: readonly Sql[], options?: WriteOptions): Promise<Result[]>;
  /**
   * Calls back after each `write` that this process committed, or may have (`unknown_outcome`). Returns the way to
   * stop.
   */
  onWrite(listener: () => void): () => void;
  /** How often a statement or batch was begun again because another process had locked the file; since it was opened. */
  waits(): number;
  close(): void;
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
  /** Each write in a transaction of its own: for Workers, where one request must not wait for another's. */
  readonly alone?: boolean;
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
    : await openHttpEngine(url, { authToken, timeoutMs });
  return over(engine, options);
}

function over(engine: Engine, { trace, alone }: DatabaseOptions): Database {
  const listeners = new Set<() => void>();
  // In a task of its own: a listener that throws must not make a committed write look failed.
  const tell = () => {
    for (const listener of listeners) queueMicrotask(listener);
  };
  const traceAll = (statements: readonly Sql[]) => {
    if (trace) for (const statement of statements) trace(statement.sql);
  };
  const send = async (statements: readonly Sql[], { relaxed = false }: WriteOptions = {}) => {
    traceAll(statements);
    return engine.transaction(statements, relaxed);
  };
  const sendWrites = alone ? send : writeGroups(send, engine.kind === "file" ? fileWrites : remoteWrites);
  return {
    kind: engine.kind,
    reader: readerOver(engine, trace),
    query: async <T>(statement: Sql) => {
      trace?.(statement.sql);
      return (await engine.rows(statement)) as T[];
    },
    queryAs: async <R, T>(statement: Sql, shape: (row: R) => T) => {
      trace?.(statement.sql);
      return (await engine.rows(statement)).map((row) => shape(row as R));
    },
    queryAll: async (statements) => {
      traceAll(statements);
      return engine.snapshot(statements);
    },
    scan: async <T>(statement: Sql) => {
      trace?.(statement.sql);
      return (await engine.scan(statement)) as T[];
    },
    write: async (statements, options) => {
      const results = await sendWrites(statements, options).catch((error: DatabaseError) => {
        if (error.failure === "unknown_outcome") tell();
        throw error;
      });
      tell();
      return results;
    },
    onWrite: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    waits: () => engine.waits(),
    close: () => engine.close(),
  };
}
