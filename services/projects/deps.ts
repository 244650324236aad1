import type { SecretBox } from "@stoa/auth/secret-box";
import type { PeopleDeps } from "@stoa/bus/read-your-writes";
import type { HttpDeps, ListDeps } from "@stoa/http";
import type { StoreDeps } from "@stoa/journal";
import type { TargetPolicy } from "@stoa/webhooks/target";
import type { CorporateProjects } from "./corporate/client.ts";
import type { Identity } from "./newcomers/newcomer.ts";

export type { PeopleDeps } from "@stoa/bus/read-your-writes";
export type { ListDeps } from "@stoa/http";
export type { StoreDeps } from "@stoa/journal";

/** What webhooks are made with. */
export interface WebhookDeps extends StoreDeps {
  readonly webhooks: {
    /** Seals their secrets. */
    readonly box: SecretBox;
    /** Where events may be sent to. */
    readonly targets: TargetPolicy;
  };
}

/** What the service is made of. */
export interface ProjectsDeps extends ListDeps, PeopleDeps, WebhookDeps {
  readonly http: HttpDeps;
  /** The corporate list of projects; null: `ACE_PROJECTS_URL` is not set. */
  readonly corporate: CorporateProjects | null;
  /** Asked to add people whom a superuser's import names and nobody knows. */
  readonly identity: Identity;
  /** Aborted when the process is about to stop: what is still being sent then ends. Absent on Workers. */
  readonly closing?: AbortSignal;
}
