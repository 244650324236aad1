import { type Sql, sql } from "@stoa/db";
import type { Cause, EventName } from "@stoa/events";
import { type Appended, insertEvents } from "./append.ts";

/** A random UUIDv7 with the time of another. */
const idLike = (
  event_id: string,
) => sql`substr(${event_id}, 1, 14) || '7' || substr(lower(hex(randomblob(2))), 2) || '-' ||
  substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6)))`;

/** An event about each of several things, which follow from one command on something else. */
export interface EachEvent {
  readonly cause: Cause;
  readonly type: EventName;
  readonly time: string;
  /** The id of the user, organization, project or conversation that it is about, in SQL. */
  readonly aggregate_id: Sql;
  /** The id of the thing itself, in SQL. */
  readonly entity_id: Sql;
  readonly organization_id: Sql;
  /** A JSON object of the event's data, in SQL. */
  readonly data: Sql;
  /** The tables that the things are read from, and their joins. */
  readonly from: Sql;
  /** The conditions of the things. */
  readonly where: Sql;
}

/**
 * Appends the event to the journal for each row, in one statement, so that the command need not know how many there are,
 * and no other command comes in between. The statement is conditional on the first event, as every effect is.
 *
 * @param first the command's own event, or the event that it reacts to
 */
export function appendEach(first: Pick<Appended, "event_id" | "happened">, event: EachEvent): Sql {
  const { cause, from, where, ...row } = event;
  return insertEvents(
    cause,
    { ...row, event_id: idLike(first.event_id) },
    sql`from ${from} where (${where}) and ${first.happened} order by ${event.entity_id}`,
  );
}
