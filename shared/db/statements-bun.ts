import type { Database, SQLQueryBindings, Statement } from "bun:sqlite";
import type { Sql, SqlValue } from "./sql.ts";

/** A prepared statement, and whether it gives rows. */
export interface Prepared {
  readonly statement: Statement;
  readonly reads: boolean;
  /** It changes the schema, and so runs once: it is not kept, and whoever has run it finalizes it. */
  readonly once: boolean;
}

/** A statement that is kept, and when it was asked for last. */
interface Kept extends Prepared {
  asked: number;
}

const changesSchema = /^\s*(?:create|drop|alter)\s/i;

/**
 * Statements of one connection, each prepared once and kept by its text. The one not used for longest is finalized
 * when there are too many: Bun keeps 20 itself with `query()`, none with `prepare()`, and frees what it dropped only
 * when garbage is collected.
 */
export class Statements {
  readonly #db: Database;
  readonly #most: number;
  readonly #kept = new Map<string, Kept>();
  /** Counts what was asked for. */
  #asked = 0;

  constructor(db: Database, most: number) {
    this.#db = db;
    this.#most = most;
  }

  /** How many are kept now. */
  get size(): number {
    return this.#kept.size;
  }

  prepare(text: string): Prepared {
    const asked = ++this.#asked;
    const known = this.#kept.get(text);
    if (known) {
      known.asked = asked;
      return known;
    }
    const statement = this.#db.prepare(plannedOnce(text));
    const made = { statement, reads: statement.reader, once: changesSchema.test(text), asked };
    if (made.once) return made;
    this.#kept.set(text, made);
    if (this.#kept.size > this.#most) this.#dropOldest();
    return made;
  }

  /** Finalizes all: a connection closes only when none of its statements is left. */
  clear(): void {
    for (const { statement } of this.#kept.values()) statement.finalize();
    this.#kept.clear();
  }

  /** Looks at all of them, which is rare beside asking for one: whoever drops one has just prepared another. */
  #dropOldest(): void {
    let oldest: [string, Kept] | undefined;
    for (const entry of this.#kept) if (!oldest || entry[1].asked < oldest[1].asked) oldest = entry;
    if (!oldest) return;
    oldest[1].statement.finalize();
    this.#kept.delete(oldest[0]);
  }
}

/**
 * SQLite 3.53 looks at the value of a bare `limit ?` when it plans, and so compiles the statement anew each time that one is
 * bound, which costs more than most statements themselves. An expression it does not look into.
 */
function plannedOnce(text: string): string {
  return text.replace(/\blimit \?/gi, "limit (? + 0)");
}

/** The largest integer that SQLite stores. */
const largest = 2n ** 63n - 1n;

/**
 * A statement's arguments as Bun binds them: whole numbers as INTEGER, booleans as 0 and 1.
 *
 * @throws TypeError for `undefined`, which Bun would bind as NULL; RangeError for a bigint that does not fit
 */
export function bindable({ args }: Sql): SQLQueryBindings[] {
  for (const arg of args) {
    if (arg === undefined || typeof arg === "bigint" || Object.is(arg, -0)) return args.map(checked);
  }
  return args as SQLQueryBindings[];
}

function checked(arg: SqlValue | undefined): SQLQueryBindings {
  if (arg === undefined) throw new TypeError("An argument of a statement is undefined.");
  if (typeof arg === "bigint" && (arg > largest || arg < -largest - 1n)) {
    throw new RangeError("An argument of a statement does not fit into 64 bits.");
  }
  return Object.is(arg, -0) ? 0 : arg;
}
