import { type Handler, sourceOf } from "@stoa/bus/types";
import { type Database, newId, type Sql } from "@stoa/db";
import { type Envelope, type EventData, type EventName, nameOf, system } from "@stoa/events";
import { append } from "@stoa/journal";

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

/** A journal row of `user.enabled`, for tests that need some event of identity. */
export function userEnabled(): Sql {
  const data = { user_id: "user-1" };
  const event = { type: "user.enabled", aggregate_id: "user-1", time: new Date().toISOString(), data } as const;
  return append(system, event).statement;
}
