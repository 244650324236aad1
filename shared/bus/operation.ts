import type { Database } from "@stoa/db";
import type { ServiceName } from "@stoa/events";
import type { NatsLink } from "./nats/link.ts";
import type { Handler, Log, Projection } from "./types.ts";

/** A service that the operator's commands work on. */
export interface Operated {
  readonly service: ServiceName;
  readonly db: Database;
  readonly handlers: readonly Handler[];
  readonly projections: readonly Projection[];
}

/** What the commands work on. */
export interface Operation {
  /** The services that the command works on, as far as their databases could be opened. */
  readonly operated: readonly Operated[];
  /** The databases of all services that could be opened, also of those that the command does not name. */
  readonly databases: ReadonlyMap<ServiceName, Database>;
  /** The connection to NATS; absent when events travel in process. */
  readonly link?: NatsLink;
  readonly log: Log;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** The operated service of that name; an error that names what is missing when its database is not at hand. */
export function the(operated: readonly Operated[], service: ServiceName): Operated {
  const found = operated.find((its) => its.service === service);
  if (!found) throw new Error(missing(service));
  return found;
}

/** Says that a service's database is not at hand. */
export const missing = (service: ServiceName) =>
  `There is no database of ${service} here; set ${service.toUpperCase()}_DATABASE_URL.`;
