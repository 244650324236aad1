import { type Client, createClient, type InStatement, LibsqlBatchError, type ResultSet } from "@libsql/client";
import { boundedFetch } from "./bounded-fetch.ts";
import { DatabaseError, toDatabaseError } from "./errors.ts";
import { columnsOf, type RowsOf, type Select } from "./select.ts";
import type { Sql } from "./sql.ts";
import { type Turns, turns } from "./turns.ts";
import { writeGroups } from "./write-groups.ts";

/** A row as the driver gives it. */
export type Row = Record<string, unknown>;

/** Goes once every statement says its row type. */
export function rowsAs<T>(rows: readonly object[] | undefined): T[] {
  return (rows ?? []) as T[];
}

/** What one statement of a batch did. `rows` are those of a SELECT or of RETURNING. */
export interface Result<R = Row> {
  readonly rows: readonly R[];
  readonly changes: number;
}

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
  /** Rows of one statement that only reads. */
  query<R>(statement: Select<R>): Promise<R[]>;
  query(statement: Sql): Promise<Row[]>;
  /** Goes once every statement says its row type. */
  query<R>(statement: Sql): Promise<R[]>;
  /**
   * The same, each row made into something else by a function that reads its fields by name: without the copy that
   * `query` makes of each, a twentieth of the time of a list of 20.
   */
  queryAs<R, T>(statement: Select<R>, shape: (row: R) => T): Promise<T[]>;
  /** Goes once every statement says its row type. */
  queryAs<R, T>(statement: Sql, shape: (row: R) => T): Promise<T[]>;
  /** Rows of several statements in one round trip and one snapshot. */
  queryAll<const S extends readonly Sql[]>(statements: S): Promise<RowLists<S>>;
  /** Runs the statements as one atomic batch, in mode `write` (BEGIN IMMEDIATE). All or nothing. */
  write<const S extends readonly Sql[]>(statements: S): Promise<Results<S>>;
  /**
   * Calls back after each `write` that this process committed, or may have (`unknown_outcome`). Returns the way to
   * stop.
   */
  onWrite(listener: () => void): () => void;
  /** Lets commands of this process that contend for the same thing take turns. */
  readonly turns: Turns;
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
  /** Nothing waits for another request, writes and commands alike: for Workers, where one request must not. */
  readonly alone?: boolean;
  /** Compares the columns that rows really have with those that their {@link Select} says: for tests. */
  readonly checkRows?: boolean;
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

function wrap(client: Client, kind: Database["kind"], { trace, alone, checkRows }: DatabaseOptions): Database {
  const listeners = new Set<() => void>();
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
  const check = (statement: Sql, { columns, rows }: ResultSet) => {
    if (checkRows && rows.length > 0) requireColumns(statement, columns);
  };
  const rowsOf = (statement: Sql, result: ResultSet) => {
    check(statement, result);
    return plain(result);
  };
  return {
    kind,
    turns: turns(alone !== true),
    query: <R>(statement: Sql) => read(statement, (result) => rowsOf(statement, result) as R[]),
    queryAs: <R, T>(statement: Sql, shape: (row: R) => T) =>
      read(statement, (result) => {
        check(statement, result);
        return result.rows.map((row) => shape(row as R));
      }),
    queryAll: <S extends readonly Sql[]>(statements: S) =>
      attemptRead(async () => {
        const results = await run(statements, "read");
        return statements.map((statement, index) => rowsOf(statement, at(results, index))) as RowLists<S>;
      }),
    write: async <S extends readonly Sql[]>(statements: S) => {
      const results = await sendWrites(statements).catch((error: DatabaseError) => {
        if (error.failure === "unknown_outcome") tell();
        // A connection that was refused as busy can commit no more (libsql-client-ts#352): new ones take its place.
        if (kind === "file" && error.failure === "unavailable" && !client.closed) client.reconnect();
        throw error;
      });
      tell();
      return statements.map((statement, index) => {
        const result = at(results, index);
        return { rows: rowsOf(statement, result), changes: result.rowsAffected };
      }) as Results<S>;
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

function at(results: readonly ResultSet[], index: number): ResultSet {
  const result = results[index];
  if (!result) throw new Error("The database answered with fewer results than there were statements.");
  return result;
}

/** @throws TypeError when the rows of a statement have other columns than it says */
function requireColumns(statement: Sql, columns: readonly string[]): void {
  const said = columnsOf(statement);
  if (!said || (said.length === columns.length && said.every((name) => columns.includes(name)))) return;
  throw new TypeError(`The rows have the columns ${columns.join(", ")}, not ${said.join(", ")}: ${statement.sql}`);
}
