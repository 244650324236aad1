import { type Sql, sql } from "@stoa/db";
import type { Cause, EventName } from "@stoa/events";
import { insertEvents } from "./append.ts";

/** A random UUIDv7 of a time, made by the database, another for each row (RFC 9562, section 5.7). */
export function idAt(time: string): Sql {
  const ms = Date.parse(time).toString(16).padStart(12, "0");
  return sql`${`${ms.slice(0, 8)}-${ms.slice(8)}-7`} || substr(lower(hex(randomblob(2))), 2) || '-' ||
    substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6)))`;
}

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
 * and no other command comes in between.
 *
 * @param happened the condition of the command's own event, as every effect carries it; true for a reaction
 */
export function appendEach(happened: Sql, event: EachEvent): Sql {
  const { cause, from, where, ...row } = event;
  return insertEvents(
    cause,
    { ...row, event_id: idAt(event.time) },
    sql`from ${from} where (${where}) and ${happened} order by ${event.entity_id}`,
  );
}
