import type { Database } from "@stoa/db";
import type { ServiceName } from "@stoa/events";
import { inProcess } from "./in-process.ts";
import type { NatsLink } from "./nats/link.ts";
import { streamSource } from "./nats/source.ts";
import type { EventSource, Handler, Log, Projection } from "./types.ts";

/** A service that the operator's commands work on. */
export interface Operated {
  readonly service: ServiceName;
  readonly db: Database;
  readonly handlers: readonly Handler[];
  readonly projections: readonly Projection[];
  /** Who else reads its journal in order, besides the relay. */
  readonly readers?: readonly OwnReader[];
}

/** A reader of a service's own journal. */
export interface OwnReader {
  /** What it is called in a sentence, such as `the webhooks of projects`. */
  readonly consumer: string;
  /** The `seq` up to which it has read; undefined when it reads nothing. */
  readonly at: (db: Database) => Promise<number | undefined>;
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

/** The events of each service: by its journal if its database is at hand, or else by its stream. */
export function sourcesIn({ databases, link, log }: Operation): (service: ServiceName) => EventSource {
  const journals = inProcess(Object.fromEntries(databases), log);
  return (service) => {
    if (databases.has(service)) return journals.source(service);
    if (link) return streamSource(service, link, log);
    throw new Error(missing(service));
  };
}

/** Says that a service's database is not at hand. */
export const missing = (service: ServiceName) =>
  `There is no database of ${service} here; set ${service.toUpperCase()}_DATABASE_URL.`;
