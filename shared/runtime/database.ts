import type { Config } from "@stoa/config";
import { type Database, DatabaseError, openDatabase, sql } from "@stoa/db";
import { schemaIsCurrent } from "@stoa/db/migrations";
import { expectedSchema } from "@stoa/db/migrations/read";
import { OperatorError } from "@stoa/errors";
import type { ServiceName } from "@stoa/events";
import type { Logger } from "@stoa/http";

/** The schema of a database is not the one that this version needs. */
export class SchemaError extends OperatorError {
  override readonly name = "SchemaError";
}

/** Opens the database of a service; at `LOG_LEVEL=trace` its SQL is logged, without values. */
export function openServiceDatabase(config: Config, service: ServiceName, log: Logger): Promise<Database> {
  const { url, auth_token } = config.databases[service];
  return openDatabase(url, {
    ...(auth_token === null ? {} : { authToken: auth_token }),
    ...(config.log_level === "trace" ? { trace: (text: string) => log.debug({ service, sql: text }, "sql") } : {}),
  });
}

/** What the health routes need to know about a database. */
export function databaseHealth(service: ServiceName, db: Database) {
  const expected = expectedSchema(service);
  return {
    database: async () => {
      await db.query(sql`select 1`);
      const fault = db.fault();
      if (fault && !fault.serves) throw new OperatorError(fault.reason);
    },
    faults: () => {
      const fault = db.fault();
      return fault ? [{ part: "database", reason: fault.reason }] : [];
    },
    schema_current: () => schemaIsCurrent(db, expected),
  };
}

/** How long a service waits for its database at start before it gives up; milliseconds. */
const PATIENCE_MS = 60_000;

/**
 * Refuses to start on a database of another version. It waits for a database that does not answer yet, because the
 * processes of a deployment start in any order and a database may restart.
 *
 * @throws SchemaError with one line that says what to do; DatabaseError `unavailable` after a minute without an answer
 */
export async function requireSchema(service: ServiceName, db: Database, log: Logger): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (let pause = 50; ; pause = Math.min(pause * 2, 1_000)) {
    try {
      if (await schemaIsCurrent(db, expectedSchema(service))) return;
      break;
    } catch (error) {
      const late = performance.now() > end;
      if (late || !(error instanceof DatabaseError) || error.failure !== "unavailable") throw error;
      if (pause === 50) log.warn({ service, err: error }, "The database does not answer yet.");
      await Bun.sleep(pause);
    }
  }
  throw new SchemaError(
    `The database of ${service} is not at ${expectedSchema(service)}; run: bun run db migrate --service ${service}`,
  );
}
