import type { PeopleDeps } from "@stoa/bus/read-your-writes";
import type { HttpDeps, ListDeps } from "@stoa/http";

export type { PeopleDeps } from "@stoa/bus/read-your-writes";
export type { ListDeps } from "@stoa/http";
export type { StoreDeps } from "@stoa/journal";

/** What the service is made of. */
export interface ProjectsDeps extends ListDeps, PeopleDeps {
  readonly http: HttpDeps;
  /** Aborted when the process is about to stop: what is still being sent then ends. Absent on Workers. */
  readonly closing?: AbortSignal;
}
