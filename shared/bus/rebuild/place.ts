import { type Database, raw, type Sql, sql } from "@stoa/db";
import type { ServiceName } from "@stoa/events";
import { type Position, readPosition } from "../position.ts";
import { fingerprintSql } from "../table.ts";

/** Where the cursors of some sources are. */
export type Places = ReadonlyMap<ServiceName, Position>;

/** Reads the cursors of some sources. */
export async function placesOf(db: Database, sources: readonly ServiceName[]): Promise<Places> {
  const places = await Promise.all(sources.map(async (source) => [source, await readPosition(db, source)] as const));
  return new Map(places);
}

/**
 * Aborts its batch by the cursor's triggers when the cursor, or what is parked, is no longer as it was read. A cursor that
 * was set back to what a restored source has in common may have come as far since, over other events.
 */
export function hold(source: ServiceName, { journal_id, seq, event_id, reacted, fingerprint }: Position): Sql[] {
  const same = sql`insert into cursors (source, journal_id, prev, seq, event_id, reacted, parked)
    values (${source}, ${journal_id ?? ""}, ${seq}, ${seq}, ${event_id}, ${reacted}, ${fingerprint})
    on conflict (source) do update set parked = excluded.parked,
      prev = case when cursors.event_id is ${event_id} then excluded.prev else -1 end`;
  // Where nothing was applied yet there is no cursor.
  return [same, sql`delete from cursors where source = ${source} and seq = 0 and journal_id = ''`];
}

/**
 * Sets a cursor back to an event that it has passed since, instead of {@link hold}: for a cursor that moves all the time.
 * Its projector applies the events after it once more, without their reactions, within some ten milliseconds. What was
 * parked or replayed meanwhile aborts the batch too, because nobody would apply it once more.
 */
export function setBack(source: ServiceName, { seq, event_id, fingerprint }: Position): Sql {
  return sql`update cursors set prev = seq, seq = min(seq, ${seq}),
    event_id = case when seq >= ${seq} then ${event_id} else event_id end, parked = ${fingerprint}
    where source = ${source}`;
}

/**
 * Sets a cursor to another event, of another journal too, and its reactions go on from there. What is parked after it is
 * forgotten. It stands after {@link hold}.
 */
export function moveTo(source: ServiceName, from: Position, { journal_id, seq, event_id }: Position): Sql[] {
  const parked = raw(fingerprintSql(`'${source}'`));
  return [
    sql`delete from dead_letters where source = ${source} and sequence > ${seq}`,
    // The triggers let a cursor go anywhere from 0 only.
    sql`update cursors set prev = ${from.seq}, seq = 0, event_id = null, parked = ${parked} where source = ${source}`,
    sql`update cursors set journal_id = ${journal_id ?? ""}, prev = 0, seq = ${seq}, event_id = ${event_id},
      reacted = ${seq}, parked = ${parked} where source = ${source}`,
  ];
}
