import { computed, type Database, raw, type Select, type Sql, select, sql } from "@stoa/db";
import type { Envelope, ServiceName } from "@stoa/events";
import { cursors, deadLetters, fingerprintSql } from "./table.ts";

/** How far a service has applied a source, and which of its events are parked, as last read from the database. */
export interface Position {
  /** The journal that was followed so far; null before the first event. */
  readonly journal_id: string | null;
  readonly seq: number;
  /** The id of the event at `seq`; null when it is not known. */
  readonly event_id: string | null;
  readonly reacted: number;
  /** The fingerprint of the dead letters that `parked` was read from. */
  readonly fingerprint: string;
  /** Aggregates with parked events, and the first parked sequence of each. */
  readonly parked: ReadonlyMap<string, number>;
}

/** Selects the fingerprint of a source's dead letters. */
export function selectFingerprint(source: ServiceName): Select<{ readonly fingerprint: string }> {
  return select({ fingerprint: computed<string>(raw(fingerprintSql(`'${source}'`))) }, raw(""));
}

/** Reads only how far a service has applied a source. */
export async function readSeq(db: Database, source: ServiceName): Promise<number> {
  const [at] = await db.query(select({ seq: cursors.seq }, sql`from ${cursors} where ${cursors.source} = ${source}`));
  return at?.seq ?? 0;
}

/** Reads cursor and dead letters in one snapshot. */
export async function readPosition(db: Database, source: ServiceName): Promise<Position> {
  const { journal_id, seq, event_id, reacted } = cursors;
  const first = { aggregate_id: deadLetters.aggregate_id, sequence: computed<number>(sql`min(sequence)`) };
  const [[at], [dead], letters] = await db.queryAll([
    select({ journal_id, seq, event_id, reacted }, sql`from ${cursors} where ${cursors.source} = ${source}`),
    selectFingerprint(source),
    select(first, sql`from ${deadLetters} where ${deadLetters.source} = ${source} group by aggregate_id`),
  ]);
  return {
    journal_id: at && at.seq > 0 ? at.journal_id : null,
    seq: at?.seq ?? 0,
    event_id: at?.event_id ?? null,
    reacted: at?.reacted ?? 0,
    fingerprint: dead?.fingerprint ?? "",
    parked: new Map(letters.map(({ aggregate_id, sequence }) => [aggregate_id, sequence])),
  };
}

/**
 * Moves the cursor past these events. It is the first statement of the batch that applies them. A cursor that was set back
 * may be where the writer has read it long before, but more reactions were done since: it is refused as moved.
 */
export function moveCursor(source: ServiceName, from: Position, events: readonly Envelope[]): Sql {
  const to = events.at(-1);
  if (!to) throw new RangeError("A cursor moves over at least one event.");
  const reacted = Math.max(from.reacted, to.sequence);
  return sql`insert into cursors (source, journal_id, prev, seq, event_id, reacted, parked)
    values (${source}, ${to.journalid}, ${from.seq}, ${to.sequence}, ${to.id}, ${reacted}, ${from.fingerprint})
    on conflict (source) do update set journal_id = excluded.journal_id, seq = excluded.seq,
      prev = case when cursors.reacted = ${from.reacted} then excluded.prev else -1 end,
      event_id = excluded.event_id, reacted = excluded.reacted, parked = excluded.parked`;
}

/** Whether an event has to wait behind a parked one of its aggregate, or is parked itself. */
export function waitsBehind(position: Position, event: Envelope): boolean {
  const first = position.parked.get(event.subject);
  return first !== undefined && first <= event.sequence;
}
