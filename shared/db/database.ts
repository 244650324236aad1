import { type Client, createClient, type InStatement, LibsqlBatchError, type ResultSet } from "@libsql/client";
import { drizzle, type LibSQLDatabase } from "drizzle-orm/libsql";
import { boundedFetch } from "./bounded-fetch.ts";
import { DatabaseError, toDatabaseError } from "./errors.ts";
import type { Sql } from "./sql.ts";
import { writeGroups } from "./write-groups.ts";

/** A row as the driver gives it. */
export type Row = Record<string, unknown>;

/** Rows of a batch under the type that their SELECT gives them. */
export function rowsAs<T>(rows: readonly Row[] | undefined): T[] {
  // SQL is text to the compiler: only whoever wrote the SELECT knows its columns.
  return (rows ?? []) as unknown[] as T[];
}

/** What one statement of a batch did. `rows` are those of a SELECT or of RETURNING. */
export interface Result {
  readonly rows: readonly Row[];
  readonly changes: number;
}

type Reading = "select" | "selectDistinct";

/** drizzle, for reading: nothing here can write or open a transaction. */
export interface Reader extends Pick<LibSQLDatabase, Reading | "$with" | "$count"> {
  with(...queries: Parameters<LibSQLDatabase["with"]>): Pick<ReturnType<LibSQLDatabase["with"]>, Reading>;
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
  /** Rows of one statement that only reads. */
  query<T = Row>(statement: Sql): Promise<T[]>;
  /**
   * The same, each row made into something else by a function that reads its fields by name: without the copy that
   * `query` makes of each, a twentieth of the time of a list of 20.
   */
  queryAs<R extends object, T>(statement: Sql, shape: (row: R) => T): Promise<T[]>;
  /** Rows of several statements in one round trip and one snapshot; see {@link rowsAs}. */
  queryAll(statements: readonly Sql[]): Promise<Row[][]>;
  /** Runs the statements as one atomic batch, in mode `write` (BEGIN IMMEDIATE). All or nothing. */
  write(statements: readonly Sql[]): Promise<Result[]>;
  /**
   * Calls back after each `write` that this process committed, or may have (`unknown_outcome`). Returns the way to
   * stop.
   */
  onWrite(listener: () => void): () => void;
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
 * Opens a database: `file:` (WAL, `synchronous=FULL`, one process only), `http:`, `https:` or `libsql:`.
 *
 * An HTTP batch that got no answer fails as `unknown_outcome`; `commit` of `@stoa/journal` resolves it.
 */
export async function openDatabase(url: string, options: DatabaseOptions = {}): Promise<Database> {
  const file = url.startsWith("file:");
  return attempt(async () => {
    const client = createClient({
      url,
      ...(options.authToken === undefined ? {} : { authToken: options.authToken }),
      ...(file ? {} : { fetch: boundedFetch(options.timeoutMs ?? 5_000) }),
    });
    if (file) await client.execute("pragma journal_mode = wal");
    return wrap(client, file ? "file" : "http", options);
  });
}

function wrap(client: Client, kind: Database["kind"], { trace, alone }: DatabaseOptions): Database {
  const listeners = new Set<() => void>();
  const orm = drizzle(reading(client), trace ? { logger: { logQuery: (query) => trace(query) } } : {});
  // In a task of its own: a listener that throws must not make a committed write look failed.
  const tell = () => {
    for (const listener of listeners) queueMicrotask(listener);
  };
  const run = (statements: readonly Sql[], mode: "read" | "write") => {
    if (trace) for (const statement of statements) trace(statement.sql);
    return client.batch(statements.map(bound), mode);
  };
  const read = <T>(statement: Sql, rowsOf: (result: ResultSet) => T[]) =>
    attemptRead(async () => {
      if (trace) trace(statement.sql);
      return rowsOf(await client.execute(bound(statement)));
    });
  const send = (statements: readonly Sql[]) => attempt(() => run(statements, "write"));
  const sendWrites = alone ? send : writeGroups(send, kind === "file" ? fileWrites : remoteWrites);
  return {
    kind,
    reader: orm,
    query: <T>(statement: Sql) => read(statement, (result) => plain(result) as T[]),
    queryAs: <R, T>(statement: Sql, shape: (row: R) => T) =>
      read(statement, ({ rows }) => rows.map((row) => shape(row as R))),
    queryAll: (statements) => attemptRead(async () => (await run(statements, "read")).map(plain)),
    write: async (statements) => {
      const results = await sendWrites(statements).catch((error: DatabaseError) => {
        if (error.failure === "unknown_outcome") tell();
        // A connection that was refused as busy can commit no more (libsql-client-ts#352): new ones take its place.
        if (kind === "file" && error.failure === "unavailable" && !client.closed) client.reconnect();
        throw error;
      });
      tell();
      return results.map((result) => ({ rows: plain(result), changes: result.rowsAffected }));
    },
    onWrite: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => client.close(),
  };
}

/**
 * A statement as the driver takes it. It binds every number as REAL, which shows as `5.0` wherever SQLite makes text
 * of it (JSON, concatenation, a TEXT column); a bigint is an INTEGER.
 */
function bound({ sql, args }: Sql): InStatement {
  return { sql, args: args.map((arg) => (Number.isSafeInteger(arg) ? BigInt(arg as number) : arg)) };
}

/**
 * The rows without the driver's hidden `length` and numbered fields, which a closed schema would refuse. By columns:
 * ten times as fast as a spread, and JSON of the outcome costs a sixth.
 */
function plain({ rows, columns }: ResultSet): Row[] {
  return rows.map((row) => {
    const fields: Row = {};
    for (const column of columns) fields[column] = row[column];
    return fields;
  });
}

async function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toDatabaseError(error, error instanceof LibsqlBatchError ? error.statementIndex : undefined);
  }
}

/** A read that got no answer has changed nothing. */
async function attemptRead<T>(work: () => Promise<T>): Promise<T> {
  return attempt(work).catch((error: DatabaseError) => {
    throw error.failure === "unknown_outcome" ? new DatabaseError("unavailable", error.cause) : error;
  });
}

/** The client as drizzle may use it: its errors sorted like ours. */
function reading(client: Client): Client {
  const execute: Client["execute"] = (...args: unknown[]) =>
    attemptRead(() => (client.execute as (...all: unknown[]) => ReturnType<Client["execute"]>)(...args));
  return new Proxy(client, {
    get: (target, key) => (key === "execute" ? execute : Reflect.get(target, key, target)),
  });
}
