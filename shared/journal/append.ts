import { isSql, join, marked, newId, raw, type Sql, type SqlPart, sql } from "@stoa/db";
import type { Cause, EventData, EventName } from "@stoa/events";

/** An event to append. */
export interface NewEvent<N extends EventName> {
  readonly type: N;
  /** The id of the user, organization, project or conversation that the event is about. */
  readonly aggregate_id: string;
  /** The id of what changed within it, such as a task, a message or a session. */
  readonly entity_id?: string | Sql | null;
  readonly organization_id?: string | null;
  /** A value may be `Sql` when only the database knows it, such as a sequence that this batch allots. */
  readonly data: EventData<N> | { readonly [K in keyof EventData<N>]: EventData<N>[K] | Sql };
  /** Reactions derive it (see `derivedId`); by default it is a new one. */
  readonly event_id?: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string;
}

/** The statement that appends an event, and the condition that it did, which all other statements of a batch carry. */
export interface Appended {
  readonly event_id: string;
  readonly statement: Sql;
  readonly happened: Sql;
}

/**
 * The first statement of a command: it appends the event if the guards hold. If they do not, the rest of the batch
 * does nothing either, because every other statement is conditional on `happened`.
 *
 * @param when all guards of the command, such as version, membership and state. For a second event of the same command
 *   it is the `happened` of the first.
 */
export function append<N extends EventName>(cause: Cause, event: NewEvent<N>, when: Sql = raw("1")): Appended {
  const event_id = event.event_id ?? newId();
  const { type, aggregate_id, entity_id = null, organization_id = null, time } = event;
  const row = { event_id, type, aggregate_id, entity_id, organization_id, time, data: dataOf(event.data) };
  const statement = insertEvents(cause, row, sql`where ${when}`);
  return { event_id, statement: marked(statement, appends(event_id)), happened: happened(event_id) };
}

/** The columns of an event that its command says: values, or SQL of them. */
interface EventRow {
  readonly event_id: SqlPart;
  readonly type: EventName | Sql;
  readonly aggregate_id: SqlPart;
  readonly entity_id: SqlPart;
  readonly organization_id: SqlPart;
  readonly time: string;
  readonly data: SqlPart;
}

/**
 * Writes `insert into journal (…) select … <rest>`: an event for each row of the SELECT. For this package.
 *
 * @param rest from `from` or `where` on
 */
export function insertEvents(cause: Cause, event: EventRow, rest: Sql): Sql {
  // This is written out instead of using `insertRow` because every command runs it and only the values change.
  return sql`insert into journal (event_id, type, aggregate_id, entity_id, organization_id, actor_id, session_id,
    request_id, traceparent, ip_address, device_info, time, data)
    select ${event.event_id}, ${event.type}, ${event.aggregate_id}, ${event.entity_id}, ${event.organization_id},
      ${cause.actor_id}, ${cause.session_id}, ${cause.request_id}, ${cause.traceparent}, ${cause.ip_address},
      ${cause.device_info}, ${event.time}, ${event.data}
    ${rest}`;
}

/**
 * The condition that an event is in the journal. It is marked, so that `commit` can tell which statements of a batch
 * carry it.
 */
export function happened(event_id: string): Sql {
  return marked(sql`exists (select 1 from journal where event_id = ${event_id})`, dependsOn(event_id));
}

/** The mark of a statement that appends an event. */
export const appends = (event_id: string) => `appends ${event_id}`;

/** The mark of a statement that happens only with an event. */
export const dependsOn = (event_id: string) => `depends on ${event_id}`;

/** The data as JSON. What only the database knows is put behind the rest: SQLite need not parse that for it. */
function dataOf(data: Readonly<Record<string, unknown>>): string | Sql {
  const known: Record<string, unknown> = {};
  const later: [string, Sql][] = [];
  for (const name in data) {
    const value = data[name];
    if (isSql(value)) later.push([name, value]);
    else known[name] = value;
  }
  const json = JSON.stringify(known);
  if (later.length === 0) return json;
  const members = later.map(([name, value]) => sql`${`${JSON.stringify(name)}:`} || json_quote(${value})`);
  const begun = json === "{}" ? "{" : `${json.slice(0, -1)},`;
  return sql`${begun} || ${join(members, " || ',' || ")} || '}'`;
}
