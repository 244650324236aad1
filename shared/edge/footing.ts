import { createVerifier, deriveKey, type JwkSet, type Revocations, tableRevocations } from "@stoa/auth";
import { readYourWrites } from "@stoa/bus/read-your-writes";
import { ConfigError } from "@stoa/config/config-error";
import { type Config, type Environment, settle } from "@stoa/config/settle";
import { type Database, openDatabase, sql } from "@stoa/db";
import { schemaIsCurrent } from "@stoa/db/migrations";
import type { ServiceName } from "@stoa/events";
import { consoleLogger, type HttpDeps } from "@stoa/http";
import { CloudflareAdapter } from "elysia/adapter/cloudflare-worker";
import root from "../../package.json" with { type: "json" };

/** What a service on Workers builds its app from. */
export interface EdgeFooting {
  readonly config: Config;
  readonly db: Database;
  readonly now: () => Date;
  readonly http: HttpDeps;
  readonly cursor_key: Uint8Array;
  readonly readYourWrites: ReturnType<typeof readYourWrites>;
}

/** What differs from service to service. */
export interface EdgeOptions {
  readonly service: ServiceName;
  /** The contents of `drizzle/<service>/meta/_journal.json`: they name the schema that this code works on. */
  readonly schema: { readonly entries: readonly { readonly tag: string }[] };
  /** For identity, which reads its keys and revocations from its own database. */
  readonly keys?: (db: Database) => Promise<JwkSet>;
  readonly revocations?: (db: Database) => Revocations;
}

/** How often a Worker reads again what another process may have projected meanwhile; milliseconds. */
const LOOK_AGAIN_MS = 100;

/**
 * Prepares a service for workerd. It runs at module scope, where workerd allows code generation but no I/O. A Worker
 * does not follow a stream, so its verifier reads revocations from the service's database, by one indexed read for
 * each request.
 *
 * @throws ConfigError when a variable is invalid or `SECRET_KEY` is missing
 */
export async function edgeFooting(env: Environment, options: EdgeOptions): Promise<EdgeFooting> {
  const { service, schema } = options;
  const config = settle(env, service, () => {
    throw new ConfigError("SECRET_KEY", "must be set on Workers.");
  });
  const { url, auth_token } = config.databases[service];
  const db = await openDatabase(url, { alone: true, ...(auth_token === null ? {} : { authToken: auth_token }) });
  const now = () => new Date();
  const { keys, revocations = tableRevocations } = options;
  const verifier = createVerifier({
    ...(keys ? { keys: () => keys(db) } : { jwksUrl: `${config.identity_url}/.well-known/jwks.json` }),
    issuer: config.issuer,
    audience: config.audience,
    revocations: revocations(db),
    now,
  });
  const expected = schema.entries.at(-1)?.tag ?? "";
  const http: HttpDeps = {
    service,
    version: root.version,
    environment: config.environment,
    verify: (token) => verifier.verify(token),
    now,
    log: consoleLogger(service, config.log_level),
    cors_origins: config.cors_origins,
    csp_mode: config.csp_mode,
    trusted_proxies: config.trusted_proxies,
    rate_limit_scale: config.rate_limit_scale,
    database: async () => {
      await db.query(sql`select 1`);
    },
    schema_current: () => schemaIsCurrent(db, expected),
    // Events wait in the journal until the relay of a process on Bun publishes them.
    events: () => ({ transport: "none", lag: null, reasons: [] }),
    addressOf: (request) => request.headers.get("cf-connecting-ip") ?? undefined,
    adapter: CloudflareAdapter,
  };
  return {
    config,
    db,
    now,
    http,
    cursor_key: await deriveKey(config.secret_key, "cursor"),
    readYourWrites: readYourWrites({ onApplied: regularly }),
  };
}

/** A Worker applies no events, and another process does not tell it when it did, so a miss is read again regularly. */
function regularly(look: () => void): () => void {
  const timer = setInterval(look, LOOK_AGAIN_MS);
  return () => clearInterval(timer);
}
