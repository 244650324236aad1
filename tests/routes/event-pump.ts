import type { Handler } from "@stoa/bus";
import type { Database } from "@stoa/db";
import { type ServiceName, services } from "@stoa/events";
import { handlers as ofIdentity } from "@stoa/identity/handlers";
import { envelopeOf, readAfter } from "@stoa/journal";
import { handlers as ofMessaging } from "@stoa/messaging/handlers";
import { handlers as ofProjects } from "@stoa/projects/handlers";
import { applyEvent } from "@stoa/testing";

const handlers: Readonly<Record<ServiceName, readonly Handler[]>> = {
  identity: ofIdentity,
  projects: ofProjects(900),
  messaging: ofMessaging(900),
};

/** Makes a function that applies each journal's new events to the other services, as their projectors would. */
export function eventPump(databases: Readonly<Record<ServiceName, Database>>): () => Promise<void> {
  const applied: Record<ServiceName, number> = { identity: 0, projects: 0, messaging: 0 };
  return async () => {
    // No event of a service causes one of a service before it in this order, so one pass is enough.
    for (const source of services) {
      for (;;) {
        const rows = await readAfter(databases[source], applied[source], 100);
        if (rows.length === 0) break;
        for (const row of rows) {
          const event = envelopeOf(source, "00000000-0000-4000-8000-000000000000", row);
          for (const service of services) {
            if (service !== source) await applyEvent(databases[service], handlers[service], event);
          }
          applied[source] = row.seq;
        }
      }
    }
  };
}
