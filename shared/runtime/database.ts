import type { Config } from "@stoa/config";
import { type Database, openDatabase, sql } from "@stoa/db";
import { schemaIsCurrent } from "@stoa/db/migrations";
import { expectedSchema } from "@stoa/db/migrations/read";
import type { ServiceName } from "@stoa/events";
import type { Logger } from "@stoa/http";

/** The schema of a database is not the one this version works on. */
export class SchemaError extends Error {
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

/** What the health routes ask of a database. */
export function databaseHealth(service: ServiceName, db: Database) {
  const expected = expectedSchema(service);
  return {
    database: async () => {
      await db.query(sql`select 1`);
    },
    schema_current: () => schemaIsCurrent(db, expected),
  };
}

/**
 * Refuses to go on with a database of another version.
 *
 * @throws SchemaError with one line that says what to do
 */
export async function requireSchema(service: ServiceName, db: Database): Promise<void> {
  if (await schemaIsCurrent(db, expectedSchema(service))) return;
  throw new SchemaError(
    `The database of ${service} is not at ${expectedSchema(service)}; run: bun run db migrate --service ${service}`,
  );
}
