import type { JwkSet, MemoryRevocations } from "@stoa/auth";
import {
  type EventSource,
  type Handler,
  healthOf,
  inProcess,
  type ReadYourWrites,
  readYourWrites,
  Standstills,
  startProjectors,
  type Transport,
} from "@stoa/bus";
import type { NatsTransport } from "@stoa/bus/nats";
import type { Config } from "@stoa/config";
import type { Database } from "@stoa/db";
import type { ServiceName } from "@stoa/events";
import type { HttpDeps, Logger } from "@stoa/http";
import { documentation } from "@stoa/http/docs/index";
import type { Upgrade } from "@stoa/http/socket";
import { databaseHealth, requireDurable, requireSchema } from "./database.ts";
import { forgetDeleted } from "./forget-deleted.ts";
import { startRevocationFeed } from "./revocation-feed.ts";
import { version } from "./version.ts";

/** What a process provides to a service. */
export interface Ground {
  readonly config: Config;
  readonly db: Database;
  /** How events travel between the services. */
  readonly transport: Transport | NatsTransport;
  /** The address of a request's client; see `addresses`. */
  readonly addressOf: HttpDeps["addressOf"];
  /** Rate limits that several services of one process share. */
  readonly limits?: HttpDeps["limits"];
  /** Makes WebSockets of this process's requests. */
  readonly upgrade: Upgrade;
  readonly log: Logger;
  readonly now: () => Date;
}

/** What a service builds its app from. */
export interface Footing {
  readonly http: HttpDeps;
  readonly revocations: MemoryRevocations;
  readonly readYourWrites: ReadYourWrites;
  /** Where other readers of the service's journal say that they stand still; its health shows them. */
  readonly standstills: Standstills;
  /** Stops the relay, the projectors and the revocation feed. */
  stop(): Promise<void>;
}

/** A running service. */
export interface RunningService {
  /** What its app was built with. A gateway reads its health from here. */
  readonly http: HttpDeps;
  fetch(request: Request): Response | Promise<Response>;
  /** Ends open event streams; running requests go on. A service that has streams is asked for this first at shutdown. */
  closeStreams?(): void;
  /** Stops background work. It is called last at shutdown, before the database closes. */
  stop(): Promise<void>;
}

/** What differs from service to service. */
export interface FootingOptions {
  readonly service: ServiceName;
  readonly handlers: readonly Handler[];
  /** Identity's keys, by HTTP or from this process. */
  readonly keys: { readonly jwksUrl: string } | { readonly keys: () => Promise<JwkSet> };
  /** Called after events about keys, for a process that signs tokens. */
  readonly onKeys?: () => void;
}

/**
 * Starts what every service needs: its projectors, its relay when there is a NATS server, the revocation feed, and the
 * dependencies of its app.
 *
 * @throws SchemaError when the database has another schema; DurabilityError when it may lose what it acknowledges
 */
export async function startFooting(ground: Ground, options: FootingOptions): Promise<Footing> {
  const { config, db, transport, log, now } = ground;
  const { service, handlers } = options;
  await requireSchema(service, db, log);
  await requireDurable(config, service, db);

  const projectors = startProjectors({ service, db, transport, handlers, log });
  const relay = "relay" in transport ? transport.relay({ service, db }) : undefined;
  const own = service === "identity" ? inProcess({ identity: db }, log) : undefined;
  const source: EventSource = (own ?? transport).source("identity");
  const feed = await startRevocationFeed({ config, source, keys: options.keys, onKeys: options.onKeys, log, now });
  const standstills = new Standstills(log);
  const others = () => {
    const damage = feed.damage();
    return [...standstills.reasons(), ...(damage === undefined ? [] : [{ part: "revocations", reason: damage }])];
  };
  const stopForgetting = forgetDeleted(db, feed.revocations, log);

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
    ...databaseHealth(config, service, db),
    events: () => healthOf(transport, projectors.status(), relay?.status(), others()),
    addressOf: ground.addressOf,
    ...(ground.limits && { limits: ground.limits }),
    plugins: [documentation({ service, version })],
  };
  return {
    http,
    revocations: feed.revocations,
    readYourWrites: readYourWrites({ onApplied: projectors.onApplied }),
    standstills,
    stop: async () => {
      await Promise.all([feed.stop(), projectors.stop(), relay?.stop(), stopForgetting()]);
      await own?.close();
    },
  };
}

/** Where a service that runs on its own finds identity's keys. */
export function jwksOf(config: Config): { readonly jwksUrl: string } {
  return { jwksUrl: `${config.identity_url}/.well-known/jwks.json` };
}
