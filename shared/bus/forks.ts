import { computed, type Database, select, sql, timeOf } from "@stoa/db";
import type { ServiceName } from "@stoa/events";
import { eventIdAt, journal, journalId, lastSeq } from "@stoa/journal";
import type { JetStreamManager } from "nats";
import { eventAt, headOf } from "./nats/stream.ts";
import type { cursors } from "./table.ts";
import { JournalChanged } from "./types.ts";

/** What a cursor has read. */
export type CursorPlace = Pick<typeof cursors.$inferSelect, "source" | "journal_id" | "seq" | "event_id">;

/** The events of a service, as its journal has them, or its stream where the database is not at hand. */
export interface SourceEnd {
  readonly journal_id: string | undefined;
  readonly last: number;
  /** The id of the event at a sequence. */
  idAt(seq: number): Promise<string | undefined>;
}

/** The end of a journal. */
export async function journalEnd(db: Database): Promise<SourceEnd> {
  const [journal_id, last] = await Promise.all([journalId(db), lastSeq(db)]);
  return { journal_id, last, idAt: (seq) => eventIdAt(db, seq) };
}

/** The end of a stream; undefined when there is none. */
export async function streamEnd(jsm: JetStreamManager, service: ServiceName): Promise<SourceEnd | undefined> {
  const head = await headOf(jsm, service);
  if (!head) return undefined;
  const event = head.last > 0 ? await eventAt(jsm, service, head.last) : undefined;
  const idAt = async (seq: number) => (await eventAt(jsm, service, seq))?.id;
  return { journal_id: event?.journalid, last: head.last, idAt };
}

/** Why a cursor cannot go on with the events of its source; undefined when it can. */
export async function cursorFault(cursor: CursorPlace, end: SourceEnd): Promise<JournalChanged | undefined> {
  const { source, journal_id, seq, event_id } = cursor;
  if (seq === 0) return undefined;
  if (end.journal_id !== undefined && end.journal_id !== journal_id) {
    return JournalChanged.anotherJournal(source, journal_id, end.journal_id);
  }
  if (end.last < seq) return JournalChanged.ended(source, end.last, seq);
  return event_id === null || (await end.idAt(seq)) === event_id ? undefined : JournalChanged.anotherEvent(source, seq);
}

/**
 * The last event that a cursor's journal and the restored one have in common. The event at the cursor tells by its id
 * when it was made, and everything that was appended after the restore is later than that. When the cursor has no event
 * id, it is the restored journal's end, as far as the cursor was.
 */
export async function commonEnd(db: Database, { seq, event_id }: CursorPlace): Promise<number> {
  const made = event_id === null ? Number.NaN : timeOf(event_id);
  if (Number.isNaN(made)) return Math.min(seq, await lastSeq(db));
  const last = computed<number>(sql`coalesce(max(seq), 0)`);
  const until = new Date(made).toISOString();
  const [row] = await db.query(select({ last }, sql`from ${journal} where seq <= ${seq} and time <= ${until}`));
  return row?.last ?? 0;
}
