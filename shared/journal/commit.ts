import { type Database, DatabaseError, type Result, type Row, type Select, type Sql, sql, violates } from "@stoa/db";
import { type Appended, appends, dependsOn } from "./append.ts";

/** What a command did. */
export interface Committed<R = Row> {
  /** Whether the guards held. False means that nothing was written. */
  readonly applied: boolean;
  /** The rows of the answer's SELECT, as they are right after the change, or unchanged when it was not applied. */
  readonly rows: readonly R[];
}

/**
 * Sends a command as one atomic batch: the event, its effects and the SELECT of its result. Most commands are made of
 * parts and call `command`, which calls this.
 *
 * When the database does not answer, the batch is sent once more behind a guard that refuses an event that is already
 * in the journal. So the command happens once, whatever became of the first try.
 *
 * @throws DatabaseError `constraint` when a rule or a unique index refused; nothing was written
 * @throws TypeError when an effect is conditional on no event of the batch: it would run although a guard refused
 */
export async function commit<R = Row>(
  db: Database,
  event: Appended,
  effects: readonly Sql[],
  answer?: Select<R> | Sql,
): Promise<Committed<R>> {
  requireConditions(event, effects);
  const batch = [event.statement, ...effects, ...(answer ? [answer] : [])];
  try {
    return outcome<R>(await db.write(batch), answer);
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.failure !== "unknown_outcome") throw error;
    return resend<R>(db, event, batch, answer);
  }
}

async function resend<R>(
  db: Database,
  event: Appended,
  batch: readonly Sql[],
  answer: Select<R> | Sql | undefined,
): Promise<Committed<R>> {
  const refuseKnown = sql`insert into guard (rule) select 'known_event' where ${event.happened}`;
  try {
    const [, ...results] = await db.write([refuseKnown, ...batch]);
    return outcome<R>(results, answer);
  } catch (error) {
    if (!violates(error, "known_event")) throw error;
    return { applied: true, rows: answer ? ((await db.query(answer)) as R[]) : [] };
  }
}

/** The first statement appends the event. It has written one row, or its guards did not hold. */
function outcome<R>(results: readonly Result[], answer: Sql | undefined): Committed<R> {
  return { applied: results[0]?.changes === 1, rows: answer ? ((results.at(-1)?.rows ?? []) as R[]) : [] };
}

const appending = appends("");

/** Checks that every effect depends on the command's event, or on another event that the batch appends before it. */
function requireConditions(event: Appended, effects: readonly Sql[]): void {
  const known = new Set([dependsOn(event.event_id)]);
  for (const { sql, marks } of effects) {
    if (!marks.some((mark) => known.has(mark))) {
      throw new TypeError(`This effect is conditional on no event of its batch: ${sql}`);
    }
    for (const mark of marks) if (mark.startsWith(appending)) known.add(dependsOn(mark.slice(appending.length)));
  }
}
