import { raw, type Sql, sql } from "@stoa/db";
import type { Cause, EventData, EventName } from "@stoa/events";
import { insertEvents } from "./append.ts";

/** One of several events of a command that differ in everything. */
export interface ListedEvent<N extends EventName = EventName> {
  readonly event_id: string;
  readonly type: N;
  readonly aggregate_id: string;
  readonly entity_id: string | null;
  readonly organization_id?: string | null;
  readonly data: EventData<N>;
}

/**
 * Appends events to the journal in one statement, in their order: the events of a command about many things, when it
 * knows each of them. (`appendEach` is for those that only the database knows.)
 *
 * @param data SQL of the data, for events whose data only the database can complete: `e.value` is a {@link ListedEvent} as
 *   JSON, and `e.value -> 'data'` what it says
 */
export function appendList(happened: Sql, { cause, time, events, data = raw("e.value -> 'data'") }: AppendedList): Sql {
  return insertEvents(
    cause,
    {
      event_id: raw("e.value ->> 'event_id'"),
      type: raw("e.value ->> 'type'"),
      aggregate_id: raw("e.value ->> 'aggregate_id'"),
      entity_id: raw("e.value ->> 'entity_id'"),
      organization_id: raw("e.value ->> 'organization_id'"),
      time,
      data,
    },
    sql`from json_each(${JSON.stringify(events)}) e where ${happened} order by e.key`,
  );
}

/** What {@link appendList} appends. */
interface AppendedList {
  readonly cause: Cause;
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string;
  readonly events: readonly ListedEvent[];
  readonly data?: Sql;
}
