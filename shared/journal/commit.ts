import { type Database, DatabaseError, type Row, type Sql, sql, violates } from "@stoa/db";
import type { Appended } from "./append.ts";

/** What a command did. */
export interface Committed<R = Row> {
  /** Whether the guards held: false means that nothing was written. */
  readonly applied: boolean;
  /** Rows of the answer's SELECT, as they were right after the change (or, when not applied, as they are). */
  readonly rows: readonly R[];
}

/**
 * Sends a command: the event, its effects and the SELECT of its answer, one atomic batch.
 *
 * When no answer comes back, it is sent once more behind a guard that refuses an event already in the journal, so
 * that it happens once whatever became of the first try.
 *
 * @typeParam R the answer's rows
 * @throws DatabaseError `constraint` when a rule or a unique index refused: nothing was written.
 */
export async function commit<R = Row>(
  db: Database,
  event: Appended,
  effects: readonly Sql[],
  answer?: Sql,
): Promise<Committed<R>> {
  const confirm = sql`select ${event.happened} as applied`;
  const batch = [event.statement, ...effects, confirm, ...(answer ? [answer] : [])];
  const results = await db.write(batch).catch(async (error: unknown) => {
    if (!(error instanceof DatabaseError) || error.failure !== "unknown_outcome") throw error;
    return resend(db, event, batch, answer ? [confirm, answer] : [confirm]);
  });
  const applied = results.at(answer ? -2 : -1)?.rows[0]?.["applied"] === 1;
  return { applied, rows: answer ? ((results.at(-1)?.rows ?? []) as R[]) : [] };
}

async function resend(db: Database, event: Appended, batch: readonly Sql[], look: readonly Sql[]) {
  try {
    return await db.write([sql`insert into guard (rule) select 'known_event' where ${event.happened}`, ...batch]);
  } catch (error) {
    if (!violates(error, "known_event")) throw error;
    return (await db.queryAll(look)).map((rows) => ({ rows, changes: 0 }));
  }
}
