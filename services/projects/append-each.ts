import { type Sql, sql } from "@stoa/db";
import type { Cause, EventName } from "@stoa/events";
import type { Appended } from "@stoa/journal";

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
  /** SQL of the project or user that it is about, of the thing itself, and of an object with the event's data. */
  readonly aggregate_id: Sql;
  readonly entity_id: Sql;
  readonly organization_id: Sql;
  readonly data: Sql;
  /** What follows `from`, up to the conditions. */
  readonly from: Sql;
  readonly where: Sql;
}

/**
 * Appends the event to the journal for each row, in one statement: the command need not know how many there are, and no
 * other command comes in between.
 *
 * @param first the command's own event, or the event that it reacts to
 */
export function appendEach(first: Pick<Appended, "event_id" | "happened">, event: EachEvent): Sql {
  const { cause } = event;
  return sql`insert into journal (event_id, type, aggregate_id, entity_id, organization_id, actor_id, session_id,
      request_id, traceparent, ip_address, device_info, time, data)
    select ${idLike(first.event_id)}, ${event.type}, ${event.aggregate_id}, ${event.entity_id}, ${event.organization_id},
      ${cause.actor_id}, ${cause.session_id}, ${cause.request_id}, ${cause.traceparent}, ${cause.ip_address},
      ${cause.device_info}, ${event.time}, ${event.data}
    from ${event.from} where (${event.where}) and ${first.happened} order by ${event.entity_id}`;
}
