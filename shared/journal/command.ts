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

/** What every command is run with. */
export interface StoreDeps {
  readonly db: Database;
  readonly now: () => Date;
}

/**
 * A condition of a command and what follows from it. The same definition refuses the write and explains the refusal.
 */
export interface Part {
  /** What must hold when the command is written. */
  readonly guard?: Sql;
  /**
   * The error when the guard does not hold. Without it the command is retried, because what it had read has changed: so put
   * such a part before those that were made of what was read.
   */
  readonly why?: () => StoaError;
  /** What else is written. Each statement carries the condition `happened`. */
  readonly effects?: (happened: Sql, event_id: string) => readonly Sql[];
  /**
   * The errors of constraints, by name (see `DatabaseError.constraint`). When the function returns undefined, the
   * constraint is no error of the request, and the command is retried.
   */
  readonly constraints?: Readonly<Record<string, (cause: DatabaseError) => StoaError | undefined>>;
}

/**
 * Runs a command: if the guards of all parts hold, one event and the effects of all parts are written in one atomic
 * batch.
 *
 * If a guard does not hold, the guards are read again in the order of the parts, and the first that does not hold says why,
 * if it can. So list existence before rights, and rights before state.
 *
 * @param answer the SELECT of the command's result, read in the same batch
 * @returns undefined when the guard that refused holds by now or has no `why`; the caller decides anew and retries (`retrying`,
 *   `idempotent`)
 * @throws StoaError of a part
 *
 * @example
 * const parts = [liveProject(id), access(actor, "manage", id), change];
 * const rows = await command(db, actor.cause, event, parts, selectTask(id));
 * return rows?.[0] && shapeTask(rows[0]);
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
  const guarded = parts.filter((part): part is Guarded => part.guard !== undefined);
  // After the last that has an error it makes no difference which it is.
  const telling = guarded.slice(0, guarded.findLastIndex(({ why }) => why !== undefined) + 1);
  const reason = (await firstUnmet(db, telling))?.why?.();
  if (reason) throw reason;
  return undefined;
}

type Guarded = Part & Required<Pick<Part, "guard">>;
/** A part whose guard has an error. */
type Explained = Guarded & Required<Pick<Part, "why">>;

/** Of the parts whose guard has an error, the first whose guard does not hold; undefined when all of them hold. */
export function unmet(db: Database, parts: readonly Part[]): Promise<Explained | undefined> {
  return firstUnmet(
    db,
    parts.filter((part): part is Explained => part.guard !== undefined && part.why !== undefined),
  );
}

async function firstUnmet<P extends Guarded>(db: Database, asked: readonly P[]): Promise<P | undefined> {
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
