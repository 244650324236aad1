import type { Static } from "@sinclair/typebox";
import { identityEvents } from "./identity.ts";
import { messagingEvents } from "./messaging.ts";
import { projectsEvents } from "./projects.ts";
import type { ServiceName } from "./services.ts";

/** The closed schema of the data of every event, by service and name (`<entity>.<what happened>`). */
export const eventCatalogue = {
  identity: identityEvents,
  projects: projectsEvents,
  messaging: messagingEvents,
} as const satisfies Record<ServiceName, object>;

/** Events that an earlier version wrote and none writes any more. Journals still have them. */
export const retiredEvents: Readonly<Record<ServiceName, readonly string[]>> = {
  identity: ["login.disabled", "login.factor_missing"],
  projects: [],
  messaging: [],
};

type Catalogue = (typeof eventCatalogue)["identity"] &
  (typeof eventCatalogue)["projects"] &
  (typeof eventCatalogue)["messaging"];

/** The name of an event as journals, streams and audit entries show it, such as `task.completed`. */
export type EventName = keyof Catalogue;

/** The data of an event. */
export type EventData<N extends EventName> = Static<Catalogue[N]>;

/** Names of the events of one service. */
export type EventNameOf<S extends ServiceName> = keyof (typeof eventCatalogue)[S] & EventName;
