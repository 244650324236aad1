import type { ServiceName } from "@stoa/events";
import type { ServerProcess } from "@stoa/testing";
import type { NatsConnection } from "nats";

/** Stoa as it runs somewhere: what tests talk to, and the processes they may kill. */
export interface Topology extends AsyncDisposable {
  readonly name: "standalone" | "distributed";
  /** What clients talk to. */
  readonly gatewayUrl: string;
  /** Each service by itself; the gateway in standalone. */
  readonly services: Readonly<Record<ServiceName, string>>;
  /** Distributed: by the names of docker-compose.yml, replicas as `projects-2`; standalone: `standalone`. */
  readonly processes: Readonly<Record<string, ServerProcess>>;
  /** As `…_DATABASE_URL` takes them. Files are another process's: open them only while it is stopped. */
  readonly databaseUrls: Readonly<Record<ServiceName, string>>;
  /** The first superuser. */
  readonly superuser: { readonly email: string; readonly password: string };
  /** The broker; null in standalone. */
  readonly nats: Broker | null;
  /** Stops all processes politely, clients' side first, and removes what they kept. Throws when one ended badly. */
  stop(): Promise<void>;
}

/** The broker of a distributed topology. */
export interface Broker {
  readonly url: string;
  /** Connects as a service's own user, with its rights. Ask for managers with `checkAPI: false`. */
  connect(as: ServiceName): Promise<NatsConnection>;
}
