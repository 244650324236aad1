import { DamagedValueError, DatabaseError, insertRow, join, type Sql, sql } from "@stoa/db";
import { type Envelope, nameOf, serviceOf } from "@stoa/events";
import { DamagedEvent } from "@stoa/journal";
import { deadLetters } from "./table.ts";

/** Why an event is parked. */
export interface Parking {
  /** Null when it waits behind an earlier event of its aggregate. */
  readonly failure: { readonly error: unknown; readonly attempts: number } | null;
  /** Whether its reactions still have to be done. */
  readonly reactions_due: boolean;
}

/** Parks an event. If it is parked already (a rebuild reads it again), nothing changes. */
export function park(event: Envelope, { failure, reactions_due }: Parking): Sql {
  const insert = insertRow(deadLetters, {
    source: serviceOf(event),
    sequence: event.sequence,
    event_id: event.id,
    aggregate_id: event.subject,
    type: nameOf(event),
    envelope: JSON.stringify(event),
    error: failure ? describeFailure(failure.error) : null,
    attempts: failure?.attempts ?? 0,
    behind: failure === null,
    reactions_due,
    parked_at: new Date().toISOString(),
  });
  return join([insert, sql`on conflict (source, event_id) do nothing`], " ");
}

/**
 * Describes a failure for the operator, without personal data. Of a database error it gives the constraint or SQLite's
 * message, which holds no values because statements are sent apart from them. Of a handler's exception it gives the
 * name and where it was thrown, and never the message.
 */
export function describeFailure(error: unknown): string {
  if (error instanceof DatabaseError) {
    const what = error.constraint ?? error.message;
    return `${error.failure}: ${what}`.slice(0, 300);
  }
  if (error instanceof DamagedEvent || error instanceof DamagedValueError) return error.message;
  if (!(error instanceof Error)) return "The handler threw something that is not an Error.";
  const place = /([\w.-]+\.ts:\d+)/.exec(error.stack ?? "")?.[1];
  return `${error.name}${place ? ` at ${place}` : ""}`;
}
