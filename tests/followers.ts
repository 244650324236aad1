import { handlers as messagingHandlers } from "@stoa/messaging/handlers";
import { projections as messagingProjections } from "@stoa/messaging/projections";
import { handlers as projectsHandlers } from "@stoa/projects/handlers";
import { projections as projectsProjections } from "@stoa/projects/projections";
import type { Follower } from "./agreement.ts";

/** The default lifetime of access tokens in seconds, which the projections of revocations need. */
const LIFETIME_SECONDS = 15 * 60;

/** The services that apply the events of others. */
export const followers: readonly Follower[] = [
  { service: "projects", handlers: projectsHandlers(LIFETIME_SECONDS), projections: projectsProjections },
  { service: "messaging", handlers: messagingHandlers(LIFETIME_SECONDS), projections: messagingProjections },
];
