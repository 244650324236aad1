import type { Database } from "@stoa/db";
import type { EventNameOf } from "@stoa/events";
import type { Attendance } from "../attendances.ts";
import type { StreamRow } from "../rows.ts";

/** The rows of one family in a batch of the journal, and what it needs to find their receivers. */
export interface Batch {
  readonly db: Database;
  readonly rows: readonly StreamRow[];
  /** The users who listen; nothing is made for others. */
  readonly users: ReadonlySet<string>;
  /** Which of these users take part in the conversations of the batch; all families share one query. */
  readonly attendances: Promise<Attendances>;
}

/** Those who take part, by conversation. */
export type Attendances = ReadonlyMap<string, readonly Attendance[]>;

/** The receivers of a row, each with the data of their event: JSON. */
export type Deliver = (row: StreamRow) => Iterable<readonly [user_id: string, data: string]>;

/** The events about one kind of thing: which they are, and who receives what of each. */
export interface Family {
  readonly events: readonly EventNameOf<"messaging">[];
  /** Whether its rows are about a conversation (`aggregate_id`), so that it needs {@link Batch.attendances}. */
  readonly inConversations: boolean;
  /** Reads for all rows of a batch at once what their deliveries need. */
  prepare(batch: Batch): Promise<Deliver>;
}

/** Those who take part in a row's conversation; nobody while it is in the trash. */
export function presentAt({ aggregate_id }: StreamRow, attendances: Attendances): readonly Attendance[] {
  return (attendances.get(aggregate_id) ?? []).filter(({ trashed }) => !trashed);
}

/** Reads the things that rows are about (`entity_id`), by id; asks nothing when there are none. */
export async function readById<R extends { id: string }>(
  rows: readonly StreamRow[],
  read: (ids: readonly string[]) => Promise<R[]>,
): Promise<ReadonlyMap<string | null, R>> {
  const ids = rows.flatMap(({ entity_id }) => entity_id ?? []);
  if (ids.length === 0) return new Map();
  return new Map((await read(ids)).map((row) => [row.id, row]));
}
