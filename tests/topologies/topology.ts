import type { ServiceName } from "@stoa/events";
import type { CuttingProxy, ServerProcess } from "@stoa/testing";
import type { NatsConnection } from "nats";

/** A running Stoa: the URLs for tests, and the processes that they may kill. */
export interface Topology extends AsyncDisposable {
  readonly name: "standalone" | "distributed";
  /** The URL that clients use. */
  readonly gatewayUrl: string;
  /** The URL of each service; in standalone, the gateway's. */
  readonly services: Readonly<Record<ServiceName, string>>;
  /** The processes by their names in docker-compose.yml, with replicas as `projects-2`; in standalone, `standalone`. */
  readonly processes: Readonly<Record<string, ServerProcess>>;
  /** What can lose requests and answers between the services and their databases, if it was asked for. */
  readonly proxies?: Readonly<Record<ServiceName, CuttingProxy>>;
  /** The values of `…_DATABASE_URL`. Another process uses files, so open them only while it is stopped. */
  readonly databaseUrls: Readonly<Record<ServiceName, string>>;
  /** The folder of the volumes in docker-compose.yml, by their names; null in standalone. */
  readonly volumes: string | null;
  /** Runs a command as `docker compose run --rm cli` does; absent in standalone. */
  cli?(...args: readonly string[]): Promise<{ readonly code: number; readonly text: string }>;
  /** The first superuser. */
  readonly superuser: { readonly email: string; readonly password: string };
  /** The NATS server; null in standalone. */
  readonly nats: Broker | null;
  /** Stops all processes by SIGTERM, those facing clients first, and deletes their files. Throws when one failed. */
  stop(): Promise<void>;
}

/** The NATS server of a distributed topology. */
export interface Broker {
  readonly url: string;
  /** Connects as a service's user, with its permissions. Get managers with `checkAPI: false`. */
  connect(as: ServiceName): Promise<NatsConnection>;
}
