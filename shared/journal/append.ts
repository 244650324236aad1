import { insertRow, isSql, newId, raw, type Sql, sql } from "@stoa/db";
import type { Cause, EventData, EventName } from "@stoa/events";
import { journal } from "./table.ts";

/** An event about to happen. */
export interface NewEvent<N extends EventName> {
  readonly type: N;
  /** Whose story it belongs to: user, organization, project, conversation. */
  readonly aggregate_id: string;
  /** The thing within it: a task, a message, a session. */
  readonly entity_id?: string | null;
  readonly organization_id?: string | null;
  /** A member may be `Sql` where only the database knows it, a sequence allotted in this very batch say. */
  readonly data: EventData<N> | { readonly [K in keyof EventData<N>]: EventData<N>[K] | Sql };
  /** Given by reactions (see `derivedId`); a new one otherwise. */
  readonly event_id?: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string;
}

/** A journal row to be, and the condition that it was written, which every other statement of the batch carries. */
export interface Appended {
  readonly event_id: string;
  readonly statement: Sql;
  readonly happened: Sql;
}

/**
 * The first statement of a command: appends the event if the guards hold. When they do not, nothing else of the
 * batch happens either, because every other statement is conditional on `happened`.
 *
 * @param when every guard of the command: version, membership, state. A second event of the same command has the
 *   first one's `happened` here.
 */
export function append<N extends EventName>(cause: Cause, event: NewEvent<N>, when: Sql = raw("1")): Appended {
  const event_id = event.event_id ?? newId();
  const statement = insertRow(
    journal,
    {
      event_id,
      type: event.type,
      aggregate_id: event.aggregate_id,
      entity_id: event.entity_id ?? null,
      organization_id: event.organization_id ?? null,
      actor_id: cause.actor_id,
      session_id: cause.session_id,
      request_id: cause.request_id,
      traceparent: cause.traceparent,
      ip_address: cause.ip_address,
      device_info: cause.device_info,
      time: event.time,
      data: dataOf(event.data),
    },
    when,
  );
  return { event_id, statement, happened: sql`exists (select 1 from journal where event_id = ${event_id})` };
}

function dataOf(data: object): string | Sql {
  const members = Object.entries(data);
  const known = JSON.stringify(Object.fromEntries(members.filter(([, value]) => !isSql(value))));
  return members.reduce<string | Sql>(
    (json, [name, value]) => (isSql(value) ? sql`json_set(${json}, ${`$.${name}`}, ${value})` : json),
    known,
  );
}
