import type { PeopleDeps } from "@stoa/bus/read-your-writes";
import type { HttpDeps, ListDeps } from "@stoa/http";
import type { CorporateProjects } from "./corporate/client.ts";

export type { PeopleDeps } from "@stoa/bus/read-your-writes";
export type { ListDeps } from "@stoa/http";
export type { StoreDeps } from "@stoa/journal";

/** What the service is made of. */
export interface ProjectsDeps extends ListDeps, PeopleDeps {
  readonly http: HttpDeps;
  /** The corporate list of projects; null: `ACE_PROJECTS_URL` is not set. */
  readonly corporate: CorporateProjects | null;
}
