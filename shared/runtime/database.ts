import type { Config } from "@stoa/config";
import { type Database, DatabaseError, openDatabase, pause, sql } from "@stoa/db";
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

/** A database on a server may lose what it has acknowledged. */
export class DurabilityError extends OperatorError {
  override readonly name = "DurabilityError";
}

/** Whether commits of this database must be checked to be flushed: in production, unless its host answers for that. */
const mustFlush = ({ environment, database_durability }: Config, db: Database) =>
  db.kind === "http" && environment === "production" && database_durability === "verify";

/**
 * Refuses a server that does not flush each commit (`synchronous` is not FULL).
 *
 * @throws DurabilityError with one line that says what to do
 */
export async function requireDurable(config: Config, service: ServiceName, db: Database): Promise<void> {
  if (!mustFlush(config, db)) return;
  const [row] = await db.query(sql`pragma synchronous`);
  const flushes = 2;
  if (Number(row?.["synchronous"]) >= flushes) return;
  throw new DurabilityError(
    `The database of ${service} does not flush its commits, so a power failure loses them. Run sqld with --enable-namespaces, then bun deploy/docker/durable.ts with the address of its admin API; or set DATABASE_DURABILITY=hosted if its host answers for it.`,
  );
}

/** What the health routes need to know about a database. */
export function databaseHealth(config: Config, service: ServiceName, db: Database) {
  const expected = expectedSchema(service);
  let unflushed: string | undefined;
  return {
    database: async () => {
      await db.query(sql`select 1`);
      const fault = db.fault();
      if (fault && !fault.serves) throw new OperatorError(fault.reason);
      unflushed = undefined;
      await requireDurable(config, service, db).catch((error: unknown) => {
        if (error instanceof DurabilityError) unflushed = error.message;
        throw error;
      });
    },
    faults: () => {
      const fault = db.fault();
      return [fault?.reason, unflushed].flatMap((reason) => (reason ? [{ part: "database", reason }] : []));
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
  for (let wait = 50; ; wait = Math.min(wait * 2, 1_000)) {
    try {
      if (await schemaIsCurrent(db, expectedSchema(service))) return;
      break;
    } catch (error) {
      const late = performance.now() > end;
      if (late || !(error instanceof DatabaseError) || error.failure !== "unavailable") throw error;
      if (wait === 50) log.warn({ service, err: error }, "The database does not answer yet.");
      await pause(wait);
    }
  }
  throw new SchemaError(
    `The database of ${service} is not at ${expectedSchema(service)}; run: bun run db migrate --service ${service}`,
  );
}
