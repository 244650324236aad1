import { join, raw, type Sql, sql } from "@stoa/db";
import type { Cause, EventData, EventName } from "@stoa/events";

/** Events of one type, one for each row that a query finds when the batch runs. The values are SQL over that row. */
export interface EachEvent<N extends EventName> {
  readonly type: N;
  readonly aggregate_id: Sql;
  readonly entity_id: Sql;
  readonly organization_id: Sql;
  readonly data: Readonly<Record<keyof EventData<N>, Sql>>;
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string;
  /** The rows: `from … where …`. */
  readonly rows: Sql;
}

/**
 * The statement that appends an event for each row of a query. It is an effect of a command whose further events nobody
 * can count beforehand, because it finds them in the state that the statements before it in the batch have made.
 *
 * @param happened of the command's event
 */
export function appendEach<N extends EventName>(cause: Cause, event: EachEvent<N>, happened: Sql): Sql {
  const fields = Object.entries<Sql>(event.data).map(([name, value]) => sql`${name}, ${value}`);
  return sql`insert into journal (event_id, type, aggregate_id, entity_id, organization_id, actor_id, session_id,
    request_id, traceparent, ip_address, device_info, time, data)
    select ${idAt(event.time)}, ${event.type}, ${event.aggregate_id}, ${event.entity_id},
      ${event.organization_id}, ${cause.actor_id}, ${cause.session_id}, ${cause.request_id},
      ${cause.traceparent}, ${cause.ip_address}, ${cause.device_info}, ${event.time}, json_object(${join(fields, ", ")})
    ${event.rows} and ${happened}`;
}

/** A new id for each row: UUIDv7 (RFC 9562, section 5.7), as `newId` makes them, with random bits of the database. */
function idAt(time: string): Sql {
  const milliseconds = Date.parse(time).toString(16).padStart(12, "0");
  const prefix = `${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}-7`;
  return sql`${prefix} || ${raw(`lower(substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (random() & 3), 1) ||
    substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))`)}`;
}
