import { computed, type Database, select, sql } from "@stoa/db";
import type { Envelope, EventName, ServiceName } from "@stoa/events";
import { getTableColumns } from "drizzle-orm";
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

/** The event of a row, in the envelope that goes to the stream. */
export function envelopeOf(service: ServiceName, journal_id: string, row: EventRow): Envelope {
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
    data: JSON.parse(row.data),
  };
}
