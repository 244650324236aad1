import { createClient, type InStatement, LibsqlBatchError, type ResultSet } from "@libsql/client/http";
import { boundedFetch } from "./bounded-fetch.ts";
import { BusyRetries } from "./busy-retries.ts";
import type { Engine, Row } from "./engine.ts";
import { DatabaseError, toDatabaseError } from "./errors.ts";
import type { Sql } from "./sql.ts";

/** How a server is reached. */
export interface HttpEngineOptions {
  readonly authToken: string | undefined;
  /** Milliseconds until an answer counts as lost. */
  readonly timeoutMs: number;
}

/** sqld or Turso, by `@libsql/client`: `http:`, `https:`, `libsql:`. Nothing is sent before the first statement. */
export async function openHttpEngine(url: string, { authToken, timeoutMs }: HttpEngineOptions): Promise<Engine> {
  const client = await attempt(async () =>
    createClient({ url, ...(authToken === undefined ? {} : { authToken }), fetch: boundedFetch(timeoutMs) }),
  );
  const retries = new BusyRetries();
  const rows = async (statement: Sql) => plain(await attemptRead(() => client.execute(bound(statement))));
  return {
    kind: "http",
    rows,
    snapshot: async (statements) => (await attemptRead(() => client.batch(statements.map(bound), "read"))).map(plain),
    transaction: async (statements) => {
      const results = await retries.runLater(() => attempt(() => client.batch(statements.map(bound), "write")));
      return results.map((result) => ({ rows: plain(result), changes: result.rowsAffected }));
    },
    scan: rows,
    waits: () => retries.count,
    lost: () => undefined,
    close: () => client.close(),
  };
}

/**
 * A statement as the driver takes it. It sends every number as a float, which shows as `5.0` wherever SQLite makes
 * text of it (JSON, concatenation, a TEXT column); a bigint goes as an integer.
 */
function bound({ sql, args }: Sql): InStatement {
  return { sql, args: args.map((arg) => (Number.isSafeInteger(arg) ? BigInt(arg as number) : arg)) };
}

/** The rows without the driver's hidden `length` and numbered fields, which a closed schema would refuse. */
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
