import { type Handler, sourceOf } from "@stoa/bus/types";
import { type Database, newId } from "@stoa/db";
import { type Envelope, type EventData, type EventName, nameOf } from "@stoa/events";

/** An event of a service, in the envelope that other services receive. */
export function envelope<N extends EventName>(
  name: N,
  data: EventData<N>,
  changes: Partial<Omit<Envelope<N>, "data">> = {},
): Envelope<N> {
  const service = sourceOf(name);
  return {
    specversion: "1.0",
    id: newId(),
    source: `/${service}`,
    type: `stoa.${service}.${name}.v1`,
    subject: newId(),
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    sequence: 1,
    journalid: "00000000-0000-4000-8000-000000000000",
    actorid: null,
    requestid: null,
    traceparent: null,
    ...changes,
    data,
  };
}

/** Applies an event to a service's database as its projector does: the statements of all handlers in one batch. */
export async function applyEvent(db: Database, handlers: readonly Handler[], event: Envelope): Promise<void> {
  const wanted = handlers.filter((handler) => handler.event === nameOf(event));
  const statements = wanted.flatMap((handler) => handler.apply(event));
  if (statements.length > 0) await db.write(statements);
}
