import type { JwkSet, MemoryRevocations } from "@stoa/auth";
import {
  type EventSource,
  type Handler,
  healthOf,
  inProcess,
  type ReadYourWrites,
  readYourWrites,
  startProjectors,
  type Transport,
} from "@stoa/bus";
import type { NatsTransport } from "@stoa/bus/nats";
import type { Config } from "@stoa/config";
import type { Database } from "@stoa/db";
import type { ServiceName } from "@stoa/events";
import type { HttpDeps, Logger } from "@stoa/http";
import { documentation } from "@stoa/http/docs/index";
import { databaseHealth, requireSchema } from "./database.ts";
import { startRevocationFeed } from "./revocation-feed.ts";
import { version } from "./version.ts";

/** What a root has ready for a service. */
export interface Ground {
  readonly config: Config;
  readonly db: Database;
  /** How the service's events reach others and theirs reach it. */
  readonly transport: Transport | NatsTransport;
  /** The peer of a request; see `addresses`. */
  readonly addressOf: HttpDeps["addressOf"];
  /** The limits of the process, where it holds more than one service. */
  readonly limits?: HttpDeps["limits"];
  readonly log: Logger;
  readonly now: () => Date;
}

/** What a service builds its app from. */
export interface Footing {
  readonly http: HttpDeps;
  readonly revocations: MemoryRevocations;
  readonly readYourWrites: ReadYourWrites;
  /** Stops relay, projectors and the revocation feed. */
  stop(): Promise<void>;
}

/** A service that runs: its handler, and the way to end it. */
export interface RunningService {
  /** What its health routes and those of a gateway over it say. */
  readonly http: HttpDeps;
  fetch(request: Request): Response | Promise<Response>;
  /** Ends open streams; requests that run go on. The first thing at shutdown, where there are any. */
  closeStreams?(): void;
  /** Stops what runs beside requests. The last thing at shutdown, before the database closes. */
  stop(): Promise<void>;
}

/** What is a service's own. */
export interface FootingOptions {
  readonly service: ServiceName;
  readonly handlers: readonly Handler[];
  /** Identity's keys, from wherever this process has them. */
  readonly keys: { readonly jwksUrl: string } | { readonly keys: () => Promise<JwkSet> };
  /** Is called when events on keys come: for a process that signs. */
  readonly onKeys?: () => void;
}

/**
 * Starts what every service stands on: its projectors, its relay where there is a broker, the revocation feed, and
 * all that its HTTP side asks for.
 *
 * @throws SchemaError when the database is of another version
 */
export async function startFooting(ground: Ground, options: FootingOptions): Promise<Footing> {
  const { config, db, transport, log, now } = ground;
  const { service, handlers } = options;
  await requireSchema(service, db, log);

  const projectors = startProjectors({ service, db, transport, handlers, log });
  const relay = "relay" in transport ? transport.relay({ service, db }) : undefined;
  const own = service === "identity" ? inProcess({ identity: db }, log) : undefined;
  const source: EventSource = (own ?? transport).source("identity");
  const feed = await startRevocationFeed({ config, source, keys: options.keys, onKeys: options.onKeys, log, now });

  const http: HttpDeps = {
    service,
    version,
    environment: config.environment,
    verify: (token) => feed.verifier.verify(token),
    now,
    log,
    cors_origins: config.cors_origins,
    csp_mode: config.csp_mode,
    trusted_proxies: config.trusted_proxies,
    rate_limit_scale: config.rate_limit_scale,
    ...databaseHealth(service, db),
    events: () => healthOf(transport, projectors.status(), relay?.status()),
    addressOf: ground.addressOf,
    ...(ground.limits && { limits: ground.limits }),
    plugins: [documentation({ service, version })],
  };
  return {
    http,
    revocations: feed.revocations,
    readYourWrites: readYourWrites({ onApplied: projectors.onApplied }),
    stop: async () => {
      await Promise.all([feed.stop(), projectors.stop(), relay?.stop()]);
      await own?.close();
    },
  };
}

/** Where a service alone finds identity's keys. */
export function jwksOf(config: Config): { readonly jwksUrl: string } {
  return { jwksUrl: `${config.identity_url}/.well-known/jwks.json` };
}
