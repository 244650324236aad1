import { type EventNameOf, eventCatalogue } from "@stoa/events";

/** The events of projects that streams carry. */
export type WorkEventName = Extract<EventNameOf<"projects">, `${"project" | "task" | "worklog" | "link"}.${string}`>;

/** Their names. */
export const workEventNames = Object.keys(eventCatalogue.projects).filter((name): name is WorkEventName =>
  /^(?:project|task|worklog|link)\./.test(name),
);
