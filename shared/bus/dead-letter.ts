import { DatabaseError, insertRow, join, type Sql, sql } from "@stoa/db";
import { type Envelope, nameOf, serviceOf } from "@stoa/events";
import { deadLetters } from "./table.ts";

/** Why an event is parked. */
export interface Parking {
  /** Null when it waits behind an earlier one of its aggregate. */
  readonly failure: { readonly error: unknown; readonly attempts: number } | null;
  /** Whether its reactions have yet to be done. */
  readonly reactions_due: boolean;
}

/** Parks an event; one that is parked already (a rebuild comes by again) stays as it is. */
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
 * What went wrong, for the operator and without anyone's data: the rule or SQLite's own words (statements carry
 * values apart from their text), or the kind of a handler's exception and where it was thrown, never its message.
 */
export function describeFailure(error: unknown): string {
  if (error instanceof DatabaseError) {
    const what = error.constraint ?? error.message;
    return `${error.failure}: ${what}`.slice(0, 300);
  }
  if (!(error instanceof Error)) return "The handler threw something that is no error.";
  const place = /([\w.-]+\.ts:\d+)/.exec(error.stack ?? "")?.[1];
  return `${error.name}${place ? ` at ${place}` : ""}`;
}
