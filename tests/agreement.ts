import { type Handler, inProcess, type Projection, sourcesOf, startProjectors } from "@stoa/bus";
import { type Database, raw, sql } from "@stoa/db";
import { type ServiceName, services } from "@stoa/events";
import { envelopeOf, journalId, lastSeq, readAfter } from "@stoa/journal";
import { eventually, rowsOf, temporaryDatabase } from "@stoa/testing";
import { getTableName } from "drizzle-orm";
import type { JetStreamManager } from "nats";

/** Every service's database. */
export type Databases = Readonly<Record<ServiceName, Database>>;

/** A service that applies the events of others. */
export interface Follower {
  readonly service: ServiceName;
  readonly handlers: readonly Handler[];
  readonly projections: readonly Projection[];
}

const say = (_fields: object, message: string) => console.error(message);
/** What goes wrong while a projection is rebuilt is printed in the test's output. */
const log = { info: say, warn: say, error: say };

/** Checks that the journal has no gap and no event twice. */
export async function journalFaults(service: ServiceName, db: Database): Promise<string[]> {
  const [row] = await rowsOf<{ last: number; rows: number; events: number }>(
    db,
    sql`select coalesce(max(seq), 0) as last, count(*) as rows, count(distinct event_id) as events from journal`,
  );
  if (row?.last === row?.rows && row?.rows === row?.events) return [];
  return [`journal of ${service}: ${row?.rows} rows of ${row?.events} events up to ${row?.last}`];
}

/** Checks that stream sequence n carries the event of journal row n, byte for byte. */
export async function streamFaults(service: ServiceName, db: Database, streams: JetStreamManager): Promise<string[]> {
  const name = service.toUpperCase();
  const { state } = await streams.streams.info(name);
  const last = await lastSeq(db);
  if (state.last_seq !== last) return [`stream ${name} ends at ${state.last_seq}, its journal at ${last}`];
  const id = await journalId(db);
  const faults: string[] = [];
  for (let after = 0; after < last; ) {
    const rows = await readAfter(db, after, 200);
    const messages = await Promise.all(rows.map((row) => streams.streams.getMessage(name, { seq: row.seq })));
    rows.forEach((row, index) => {
      const expected = JSON.stringify(envelopeOf(service, id, row));
      if (messages[index]?.string() !== expected) faults.push(`stream ${name} differs from its journal at ${row.seq}`);
    });
    after = rows.at(-1)?.seq ?? last;
  }
  return faults;
}

/** Checks that every cursor is at the end of its source, and that nothing is parked. */
export async function cursorFaults(follower: Follower, databases: Databases): Promise<string[]> {
  const db = databases[follower.service];
  const faults: string[] = [];
  for (const source of sourcesOf(follower.handlers)) {
    const [cursor] = await rowsOf<{ seq: number }>(db, sql`select seq from cursors where source = ${source}`);
    const last = await lastSeq(databases[source]);
    if ((cursor?.seq ?? 0) !== last)
      faults.push(`${follower.service} applied ${cursor?.seq} of ${last} from ${source}`);
  }
  const [parked] = await rowsOf<{ count: number }>(db, sql`select count(*) as count from dead_letters`);
  if (parked?.count !== 0) faults.push(`${follower.service} parked ${parked?.count} events`);
  return faults;
}

/** Checks that every projection equals one that is built from the first event in an empty database. */
export async function projectionFaults(follower: Follower, databases: Databases): Promise<string[]> {
  await using fresh = await temporaryDatabase(follower.service);
  const transport = inProcess(databases, log);
  const handlers = follower.handlers.filter((handler) => handler.kind === "projection");
  const projectors = startProjectors({ service: follower.service, db: fresh.db, transport, handlers, log });
  try {
    const faults: string[] = [];
    for (const { source } of projectors.status()) {
      const last = await lastSeq(databases[source]);
      const at = () => projectors.status().find((each) => each.source === source);
      const done = () => (at()?.seq ?? 0) >= last || at()?.stopped !== undefined;
      await eventually(done, { within: 60_000, what: `The rebuilt projection of ${source}` });
      const stopped = at()?.stopped;
      if (stopped !== undefined) faults.push(`${follower.service} cannot be rebuilt: ${stopped}`);
    }
    for (const table of follower.projections.map((projection) => getTableName(projection.table))) {
      const [live, rebuilt] = await Promise.all([
        content(databases[follower.service], table),
        content(fresh.db, table),
      ]);
      if (live !== rebuilt) faults.push(`${follower.service}.${table} differs from the rebuilt one`);
    }
    return faults;
  } finally {
    await projectors.stop();
    await transport.close();
  }
}

/**
 * Checks that every reaction happened exactly once, by counting what it created and the events that caused it. A task that
 * was completed again has the one message that it had: a run is shorter than the time in which it is changed.
 */
export async function reactionFaults({ projects, messaging }: Databases): Promise<string[]> {
  const expected = await rowsOf<{ what: string; of: string }>(
    projects,
    sql`
    select 'conversation' as what, aggregate_id as of from journal where type = 'project.created'
    union all
    select 'notification', entity_id || ' ' || person.value from journal, json_each(data, '$.user_ids') as person
      where journal.type = 'task.assigned' and person.value is not actor_id
    union all
    select 'notification', entity_id || ' ' || person.value from journal, json_each(data, '$.assignee_ids') as person
      where journal.type = 'task.created' and person.value is not actor_id
    union all
    select 'notification', aggregate_id || ' ' || (data ->> 'user_id') from journal
      where type = 'project.member_added' and data ->> 'user_id' is not actor_id
    union all
    select 'system message', aggregate_id from (
      select distinct aggregate_id, entity_id, data ->> '$.batch.size' from journal
        where type = 'task.completed' and data ->> 'project_id' is not null
          and coalesce(data ->> '$.batch.position', 1) = 1)`,
  );
  const found = await rowsOf<{ what: string; of: string }>(
    messaging,
    sql`
    select 'conversation' as what, project_id as of from conversations where type = 'project'
    union all
    select 'notification', object_id || ' ' || user_id from notifications
      where kind = 'assigned' or kind = 'added' and object_type = 'project'
    union all
    select 'system message', conversations.project_id from messages
      join conversations on conversations.id = messages.conversation_id where messages.type = 'system'`,
  );
  const [wanted, made] = [tally(expected), tally(found)];
  const faults: string[] = [];
  for (const key of new Set([...wanted.keys(), ...made.keys()])) {
    if (wanted.get(key) !== made.get(key)) faults.push(`${key}: made ${made.get(key) ?? 0} of ${wanted.get(key) ?? 0}`);
  }
  return faults;
}

/** All faults of events and projections once no event is on its way; empty when there is none. */
export async function faults(
  databases: Databases,
  followers: readonly Follower[],
  streams: JetStreamManager,
): Promise<string[]> {
  const found: string[] = [];
  for (const service of services) {
    found.push(...(await journalFaults(service, databases[service])));
    found.push(...(await streamFaults(service, databases[service], streams)));
  }
  for (const follower of followers) {
    found.push(...(await cursorFaults(follower, databases)));
    found.push(...(await projectionFaults(follower, databases)));
  }
  return [...found, ...(await reactionFaults(databases))];
}

async function content(db: Database, table: string): Promise<string> {
  const rows = await db.query(sql`select * from ${raw(`"${table}"`)}`);
  return rows
    .map((row) => JSON.stringify(row))
    .sort()
    .join("\n");
}

function tally(things: readonly { what: string; of: string }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { what, of } of things) counts.set(`${what} ${of}`, (counts.get(`${what} ${of}`) ?? 0) + 1);
  return counts;
}
