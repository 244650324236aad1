import {
  breathe,
  computed,
  type Database,
  DatabaseError,
  type RowOf,
  raw,
  type Sql,
  select,
  sql,
  storedJson,
  violates,
} from "@stoa/db";
import type { Envelope } from "@stoa/events";
import { getTableColumns } from "drizzle-orm";
import { alias } from "drizzle-orm/sqlite-core";
import { describeFailure } from "./dead-letter.ts";
import { type Handlers, handlersByEvent, statementsFor } from "./plan.ts";
import { deadLetters, fingerprintSql } from "./table.ts";
import type { Handler } from "./types.ts";

/** A parked event that still cannot be applied. */
export interface ReplayFailure {
  readonly source: string;
  readonly sequence: number;
  readonly type: string;
  readonly error: string;
}

/** What a replay did. */
export interface Replayed {
  readonly applied: number;
  /** How many are still parked: those that failed, those behind them, and those that a running rebuild has not reached. */
  readonly left: number;
  readonly failures: readonly ReplayFailure[];
}

const d = alias(deadLetters, "d");
/** A dead letter, and the fingerprint of all of its source's at the moment at which it was read. */
const columns = { ...getTableColumns(d), fingerprint: computed<string>(raw(fingerprintSql("d.source"))) };

type Letter = RowOf<typeof columns>;

/**
 * Applies a service's parked events in order and removes each in the batch that applies it. Projectors may run meanwhile.
 * When an event fails again, later events of its aggregate stay parked.
 *
 * @throws DatabaseError when the database cannot be reached; the events applied until then stay applied
 */
export async function replay(db: Database, handlers: readonly Handler[]): Promise<Replayed> {
  const byEvent = handlersByEvent(handlers);
  const blocked = new Set<string>();
  const failures: ReplayFailure[] = [];
  let applied = 0;
  for (let after = { source: "", sequence: 0 }; ; ) {
    const letter = await nextLetter(db, after);
    if (!letter) break;
    const aggregate = `${letter.source} ${letter.aggregate_id}`;
    const outcome = blocked.has(aggregate) ? "passed" : await replayOne(db, byEvent, letter);
    if (outcome === "again") continue;
    after = letter;
    if (outcome === "applied") applied++;
    else if (outcome !== "passed") {
      blocked.add(aggregate);
      failures.push({ source: letter.source, sequence: letter.sequence, type: letter.type, error: outcome.error });
    }
    await breathe();
  }
  const [row] = await db.query(select({ count: computed<number>(sql`count(*)`) }, sql`from ${deadLetters}`));
  return { applied, left: row?.count ?? 0, failures };
}

/** The next parked event that the cursor has passed. */
async function nextLetter(db: Database, after: { source: string; sequence: number }): Promise<Letter | undefined> {
  const [letter] = await db.query(
    select(
      columns,
      sql`from ${d} join cursors c on c.source = d.source
        where (d.source, d.sequence) > (${after.source}, ${after.sequence}) and d.sequence <= c.seq
        order by d.source, d.sequence limit 1`,
    ),
  );
  return letter;
}

async function replayOne(
  db: Database,
  handlers: Handlers,
  letter: Letter,
): Promise<"applied" | "again" | { readonly error: string }> {
  try {
    const event = storedJson<Envelope>(letter.envelope, "dead_letters.envelope", letter.id);
    const statements = statementsFor(handlers.get(letter.type) ?? [], event, letter.reactions_due === 1);
    const remove = sql`delete from dead_letters where id = ${letter.id}`;
    await db.write([claim(letter), ...statements, remove]);
    return "applied";
  } catch (error) {
    if (violates(error, "dead_letters_changed") || violates(error, "cursor_moved")) return "again";
    // As an applier does: the journal has an event of its reactions, which happened before, all in one batch.
    if (violates(error, "known_event") && letter.reactions_due === 1) {
      return replayOne(db, handlers, { ...letter, reactions_due: 0 });
    }
    if (error instanceof DatabaseError && (error.failure === "unavailable" || error.failure === "unknown_outcome")) {
      throw error;
    }
    const reason = describeFailure(error);
    await db.write([
      sql`update dead_letters set error = ${reason}, attempts = attempts + 1, behind = 0 where id = ${letter.id}`,
    ]);
    return { error: reason };
  }
}

/**
 * Makes the cursor's triggers refuse the batch when a dead letter was added or removed since it was read, or when a rebuild has set
 * the cursor back before this event.
 */
function claim({ source, sequence, fingerprint }: Letter): Sql {
  return sql`update cursors set prev = case when seq >= ${sequence} then seq else -1 end, parked = ${fingerprint}
    where source = ${source}`;
}
