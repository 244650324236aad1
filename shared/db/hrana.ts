import { LibsqlError } from "@libsql/client/http";
import {
  BatchCond,
  ClosedError,
  HttpServerError,
  type HttpStream,
  ProtoError,
  ResponseError,
  type RowsResult,
  Stmt,
} from "@libsql/hrana-client";
import type { Row } from "./engine.ts";
import type { Sql } from "./sql.ts";

/** Reads one statement on a stream. */
export async function readOn(stream: HttpStream, statement: Sql): Promise<Row[]> {
  return rowsOf(await stream.query(bound(statement)));
}

/** Reads several statements on a stream, in one request and one snapshot. No transaction is open afterwards. */
export async function readAllOn(stream: HttpStream, statements: readonly Sql[]): Promise<Row[][]> {
  const batch = stream.batch();
  const begin = batch.step();
  const done: Promise<unknown>[] = [begin.run("begin transaction readonly")];
  let last = begin;
  const reads = statements.map((statement) => {
    const step = batch.step().condition(BatchCond.ok(last));
    last = step;
    return step.query(bound(statement));
  });
  const commit = batch.step().condition(BatchCond.ok(last));
  done.push(commit.run("commit"));
  const rollback = batch.step().condition(BatchCond.not(BatchCond.ok(commit)));
  done.push(rollback.run("rollback").catch(() => "it had been rolled back already"));
  // The first that failed says why; all are waited for, so that none fails unheard.
  const [, outcomes] = await Promise.all([batch.execute(), Promise.allSettled([...reads, ...done])]);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed) throw failed.reason;
  return Promise.all(reads.map(async (rows) => rowsOf(await rows)));
}

/** An error of the protocol with the code that `@libsql/client` gives it, which tells what kind of failure it is. */
export function withCode(error: unknown): unknown {
  const code = codeOf(error);
  return code === undefined || !(error instanceof Error)
    ? error
    : new LibsqlError(error.message, code, undefined, undefined, error);
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof ResponseError) return error.code;
  if (error instanceof ProtoError) return "HRANA_PROTO_ERROR";
  if (error instanceof HttpServerError) return "SERVER_ERROR";
  if (error instanceof ClosedError) return "HRANA_CLOSED_ERROR";
  return undefined;
}

/**
 * A statement as the protocol takes it. It sends every number as a float, which shows as `5.0` wherever SQLite makes
 * text of it (JSON, concatenation, a TEXT column); a bigint goes as an integer.
 */
function bound({ sql, args }: Sql): Stmt {
  return new Stmt(sql).bindIndexes(args.map(integral));
}

/** A whole number as one that is sent as an integer. */
export function integral<T>(arg: T): T | bigint {
  return Number.isSafeInteger(arg) ? BigInt(arg as number) : arg;
}

/** The rows as plain objects, without the hidden `length` and numbered fields. */
function rowsOf(result: RowsResult | undefined): Row[] {
  if (result === undefined) throw new ProtoError("A read of a batch was not done.");
  const { rows, columnNames } = result;
  return plainRows(
    rows,
    columnNames.map((name) => name ?? ""),
  );
}

/** Rows of the driver without its hidden `length` and numbered fields, which a closed schema would refuse. */
export function plainRows(rows: readonly Readonly<Record<string, unknown>>[], columns: readonly string[]): Row[] {
  return rows.map((row) => {
    const fields: Row = {};
    for (const column of columns) fields[column] = row[column];
    return fields;
  });
}
