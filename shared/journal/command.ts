import {
  all,
  computed,
  type Database,
  DatabaseError,
  type Row,
  raw,
  type Select,
  type Sql,
  select,
  sql,
} from "@stoa/db";
import type { StoaError } from "@stoa/errors";
import type { Cause, EventName } from "@stoa/events";
import { append, type NewEvent } from "./append.ts";
import { type Committed, commit } from "./commit.ts";

/**
 * A condition of a command and what follows from it. The same definition refuses the write and explains the refusal.
 */
export interface Part {
  /** What must hold when the command is written. */
  readonly guard?: Sql;
  /** The error when the guard does not hold. Without it the command is decided anew: what it had read has changed. */
  readonly why?: () => StoaError;
  /** What else is written. Each statement carries `happened`. */
  readonly effects?: (happened: Sql, event_id: string) => readonly Sql[];
  /**
   * The errors of constraints, by name (see `DatabaseError.constraint`). A constraint whose error is undefined is no
   * error of the request: the command is decided anew.
   */
  readonly constraints?: Readonly<Record<string, (cause: DatabaseError) => StoaError | undefined>>;
}

/**
 * Runs a command: one event, if the guards of all parts hold, with the effects of all parts, as one atomic batch.
 *
 * When a guard refuses, the parts are asked again in their order, and the first that still does not hold and has a
 * `why` throws it. So existence stands before rights, and rights before state.
 *
 * @param answer the SELECT of what the command answers, read in the same batch
 * @returns undefined when what refused it holds by now, or has no `why`: decide anew (`retrying`, `idempotent`)
 * @throws StoaError of a part
 *
 * @example
 * const rows = await command(db, actor.cause, event, [exists(project), mayIn(actor, "write", project.id), change], answer);
 * return rows && shape(rows[0]);
 */
export async function command<N extends EventName, R = Row>(
  db: Database,
  cause: Cause,
  event: NewEvent<N>,
  parts: readonly Part[],
  answer?: Select<R>,
): Promise<readonly R[] | undefined> {
  const appended = append(cause, event, all(parts.flatMap(({ guard }) => (guard ? [guard] : []))));
  const { event_id, happened } = appended;
  const effects = parts.flatMap((part) => part.effects?.(happened, event_id) ?? []);
  let committed: Committed<R>;
  try {
    committed = await commit<R>(db, appended, effects, answer);
  } catch (error) {
    const refusal = constraintOf(parts, error);
    if (!refusal) throw error;
    const reason = refusal();
    if (reason) throw reason;
    return undefined;
  }
  if (committed.applied) return committed.rows;
  const reason = (await unmet(db, parts))?.why();
  if (reason) throw reason;
  return undefined;
}

/** A part that can say why it refuses. */
type Explained = Part & Required<Pick<Part, "guard" | "why">>;

/** The first part whose guard does not hold, of those that can say why. Undefined: all of them hold. */
export async function unmet(db: Database, parts: readonly Part[]): Promise<Explained | undefined> {
  const asked = parts.filter((part): part is Explained => part.guard !== undefined && part.why !== undefined);
  if (asked.length === 0) return undefined;
  const shape = Object.fromEntries(
    asked.map(({ guard }, index) => [`holds${index}`, computed<number>(sql`(${guard})`)]),
  );
  const [row] = await db.query(select(shape, raw("")));
  return asked.find((_, index) => row?.[`holds${index}`] !== 1);
}

function constraintOf(parts: readonly Part[], error: unknown): (() => StoaError | undefined) | undefined {
  if (!(error instanceof DatabaseError) || error.constraint === undefined) return undefined;
  for (const { constraints } of parts) {
    const refusal = constraints?.[error.constraint];
    if (refusal) return () => refusal(error);
  }
  return undefined;
}
