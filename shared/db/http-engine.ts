import { createClient, type InStatement, LibsqlBatchError } from "@libsql/client/http";
import { type HttpStream, openHttp, parseLibsqlUrl } from "@libsql/hrana-client";
import { OperatorError } from "@stoa/errors";
import { boundedFetch } from "./bounded-fetch.ts";
import { BusyRetries } from "./busy-retries.ts";
import type { Engine } from "./engine.ts";
import { DatabaseError, toDatabaseError } from "./errors.ts";
import { integral, plainRows, readAllOn, readOn, withCode } from "./hrana.ts";
import { ReadStreams } from "./read-streams.ts";
import type { Sql } from "./sql.ts";

/** How a server is reached. */
export interface HttpEngineOptions {
  readonly authToken: string | undefined;
  /** Milliseconds until an answer counts as lost. */
  readonly timeoutMs: number;
  /** Whether reads share streams that stay open. On Workers no read may wait for the one of another request. */
  readonly keepStreams: boolean;
}

/** Enough that a read rarely waits, and few beside sqld's 512 threads, also with several instances of a service. */
const reads = { width: 16, depth: 1_000, idleMs: 8_000, ageMs: 60_000 };

/** sqld or Turso, by `@libsql/client`: `http:`, `https:`, `libsql:`. Nothing is sent before the first statement. */
export async function openHttpEngine(url: string, options: HttpEngineOptions): Promise<Engine> {
  const { authToken, timeoutMs, keepStreams } = options;
  refuseCredentials(url);
  const fetch = boundedFetch(timeoutMs);
  const attempt = attempting(url);
  const attemptRead = <T>(work: () => Promise<T>) => attempt(work).catch(unchanged);
  const client = await attempt(async () =>
    createClient({ url, ...(authToken === undefined ? {} : { authToken }), fetch }),
  );
  const reader = await attempt(async () => {
    const parsed = parseLibsqlUrl(url);
    return openHttp(parsed.hranaHttpUrl ?? url, authToken ?? parsed.authToken, fetch);
  });
  const retries = new BusyRetries();
  const kept = new ReadStreams(reader, { ...reads, patienceMs: timeoutMs });
  const read = keepStreams
    ? <T>(work: (stream: HttpStream) => Promise<T>) => kept.read(work)
    : <T>(work: (stream: HttpStream) => Promise<T>) => {
        const stream = reader.openStream();
        const result = work(stream);
        // It goes with the read, in one request.
        stream.closeGracefully();
        return result;
      };
  const rows = (statement: Sql) => attemptRead(() => read((stream) => readOn(stream, statement)));
  return {
    kind: "http",
    rows,
    snapshot: (statements) => attemptRead(() => read((stream) => readAllOn(stream, statements))),
    transaction: async (statements) => {
      const results = await retries.runLater(() => attempt(() => client.batch(statements.map(bound), "write")));
      return results.map((result) => ({ rows: plainRows(result.rows, result.columns), changes: result.rowsAffected }));
    },
    scan: rows,
    waits: () => retries.count,
    lost: () => undefined,
    close: () => {
      client.close();
      reader.close();
    },
  };
}

/** The client takes none, and says so without the address that has them. */
function refuseCredentials(address: string): void {
  const { username, password, host } = URL.parse(address) ?? {};
  if (!username && !password) return;
  throw new OperatorError(
    `The address of the database at ${host} has a name or a password in it; set its token in …_DATABASE_AUTH_TOKEN instead.`,
  );
}

function bound({ sql, args }: Sql): InStatement {
  return { sql, args: args.map(integral) };
}

/** Runs what asks the server at an address, whose failures name it. */
function attempting(url: string): <T>(work: () => Promise<T>) => Promise<T> {
  const server = URL.parse(url)?.host;
  return async (work) => {
    try {
      return await work();
    } catch (error) {
      const statement = error instanceof LibsqlBatchError ? error.statementIndex : undefined;
      throw Object.assign(toDatabaseError(withCode(error), statement), { server });
    }
  };
}

/** A read that got no answer has changed nothing. */
function unchanged(error: DatabaseError): never {
  if (error.failure !== "unknown_outcome") throw error;
  throw Object.assign(new DatabaseError("unavailable", error.cause), { server: error.server });
}
