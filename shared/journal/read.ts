import { computed, type Database, jsonIn, select, sql } from "@stoa/db";
import type { Envelope, EventName, ServiceName } from "@stoa/events";
import { getTableColumns } from "drizzle-orm";
import { DamagedEvent, type EventFault, eventFault } from "./damaged.ts";
import { type JournalRow, journal, journalIdentity } from "./table.ts";

const { seq, event_id, type, aggregate_id, actor_id, request_id, traceparent, time, data } = journal;

/** What the envelope of an event is made of. The rest of a row is read by nobody who follows the journal. */
export const envelopeColumns = { seq, event_id, type, aggregate_id, actor_id, request_id, traceparent, time, data };

/** A row of the journal as far as its envelope needs it. */
export type EventRow = Pick<JournalRow, keyof typeof envelopeColumns>;

/** The journal's id. */
export async function journalId(db: Database): Promise<string> {
  const [row] = await db.query(select({ journal_id: journalIdentity.journal_id }, sql`from ${journalIdentity}`));
  if (!row) throw new Error("The database has no journal; its migrations have not run.");
  return row.journal_id;
}

/** The last `seq`, 0 when the journal is empty. */
export async function lastSeq(db: Database): Promise<number> {
  const [row] = await db.query(select({ seq: computed<number>(sql`coalesce(max(seq), 0)`) }, sql`from ${journal}`));
  return row?.seq ?? 0;
}

/** The id of the event at a `seq`; undefined when there is none. */
export async function eventIdAt(db: Database, seq: number): Promise<string | undefined> {
  const [row] = await db.query(select({ event_id: journal.event_id }, sql`from ${journal} where seq = ${seq}`));
  return row?.event_id;
}

/** Rows after a `seq`, in order. */
export function readAfter(db: Database, seq: number, limit: number): Promise<JournalRow[]> {
  return db.query(
    select(getTableColumns(journal), sql`from ${journal} where seq > ${seq} order by seq limit ${limit}`),
  );
}

/** What of a row says whether it can be read. */
export type WrittenEvent = Pick<JournalRow, "seq" | "event_id" | "type" | "aggregate_id" | "time" | "data">;

/**
 * The data of an event, as it stands in its row.
 *
 * @throws DamagedEvent when the row is not what its schema says
 */
export function eventData(service: ServiceName, row: WrittenEvent): unknown {
  const { event_id, type, seq } = row;
  const damaged = (fault: EventFault) => new DamagedEvent({ service, seq, event_id, type }, fault);
  const read = typeof row.data === "string" ? jsonIn(row.data) : undefined;
  if (!read) throw damaged({ what: "its data is not JSON" });
  const data = read.value;
  const fault = eventFault(service, { id: event_id, name: type, subject: row.aggregate_id, time: row.time, data });
  if (fault) throw damaged(fault);
  return data;
}

/** Events that follow one another, as far as they can be read. */
export interface Legible<T> {
  readonly events: readonly T[];
  /** What stands after them. Nothing follows it here. */
  readonly damaged?: DamagedEvent;
}

/**
 * Reads rows that follow a `seq`, each by `read`, up to the first that cannot be read or is missing.
 *
 * @param rows in order
 */
export function legible<R extends WrittenEvent, T>(
  service: ServiceName,
  after: number,
  rows: readonly R[],
  read: (row: R, data: unknown) => T,
): Legible<T> {
  const events: T[] = [];
  for (const row of rows) {
    const next = after + events.length + 1;
    if (row.seq !== next) return { events, damaged: new DamagedEvent({ service, seq: next }, "missing") };
    try {
      events.push(read(row, eventData(service, row)));
    } catch (error) {
      if (error instanceof DamagedEvent) return { events, damaged: error };
      throw error;
    }
  }
  return { events };
}

/**
 * The event of a row, in the envelope that goes to the stream.
 *
 * @throws DamagedEvent
 */
export function envelopeOf(service: ServiceName, journal_id: string, row: EventRow): Envelope {
  return enveloped(service, journal_id, row, eventData(service, row));
}

/** The events of rows that follow a `seq`, up to the first that cannot be read or is missing. */
export function envelopesOf(
  service: ServiceName,
  journal_id: string,
  after: number,
  rows: readonly EventRow[],
): Legible<Envelope> {
  return legible(service, after, rows, (row, data) => enveloped(service, journal_id, row, data));
}

function enveloped(service: ServiceName, journal_id: string, row: EventRow, data: unknown): Envelope {
  const type = row.type as EventName;
  return {
    specversion: "1.0",
    id: row.event_id,
    source: `/${service}`,
    type: `stoa.${service}.${type}.v1`,
    subject: row.aggregate_id,
    time: row.time,
    datacontenttype: "application/json",
    sequence: row.seq,
    journalid: journal_id,
    actorid: row.actor_id,
    requestid: row.request_id,
    traceparent: row.traceparent,
    data: data as Envelope["data"],
  };
}
