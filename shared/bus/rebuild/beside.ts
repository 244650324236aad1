import { computed, type Database, insertRow, openDatabase, type RowOf, raw, type Sql, select, sql } from "@stoa/db";
import { returning } from "@stoa/db/select";
import type { ServiceName } from "@stoa/events";
import { getTableColumns, getTableName } from "drizzle-orm";
import { Applier } from "../applier.ts";
import { type Position, readPosition } from "../position.ts";
import { cursors, deadLetters } from "../table.ts";
import { type EventSource, type Handler, JournalChanged, type Log, sourceOf } from "../types.ts";
import type { KeyedTable } from "./keyed-table.ts";

const letterColumns = getTableColumns(deadLetters);

/** What projections are built from. */
export interface BesideOptions {
  /** The database that they will be copied to, whose tables are made again here. */
  readonly live: Database;
  readonly tables: readonly KeyedTable[];
  /** The handlers that fill them. */
  readonly handlers: readonly Handler[];
  readonly sourceOf: (service: ServiceName) => EventSource;
  /** How far each source is built at most. Parked events after it are left out. */
  readonly until: ReadonlyMap<ServiceName, number>;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * A service's projections in memory, built from the first event on by the same handlers: each event once, in order, and
 * none that waits behind a parked one. Nobody reads them but whoever copies them.
 */
export class Beside {
  private constructor(
    readonly db: Database,
    private readonly options: BesideOptions,
    private readonly lastLetter: number,
  ) {}

  /** Makes the tables, empty, and parks what is parked in the live database. */
  static async open(options: BesideOptions): Promise<Beside> {
    const db = await openDatabase("file::memory:");
    const names = [...options.tables.map(({ name }) => name), getTableName(cursors), getTableName(deadLetters)];
    const made = await options.live.query(
      returning(
        { sql: computed<string>() },
        sql`select sql from sqlite_master where sql is not null
          and tbl_name in (select value from json_each(${JSON.stringify(names)}))
          and (type <> 'trigger' or tbl_name = 'cursors') order by type = 'table' desc`,
      ),
    );
    await db.write(made.map((each) => raw(each.sql)));
    let last = 0;
    for (const [source, until] of options.until) {
      const theirs = sql`from ${deadLetters} where ${deadLetters.source} = ${source} and sequence <= ${until} order by id`;
      const letters = await options.live.query(select(letterColumns, theirs));
      last = Math.max(last, ...letters.map(({ id }) => id));
      if (letters.length > 0) await db.write(letters.map(inserted));
    }
    return new Beside(db, options, last);
  }

  /**
   * Applies a source's events up to a sequence.
   *
   * @throws JournalChanged when the source ends before it
   * @throws Error when an event cannot be applied that is not parked in the live database: it was applied there
   */
  async reach(source: ServiceName, goal: number): Promise<Position> {
    const { handlers, log, signal } = this.options;
    const done = new AbortController();
    const its = handlers.filter((handler) => sourceOf(handler.event) === source);
    const applier = new Applier({ db: this.db, source, handlers: its, log, signal, moved: () => undefined });
    const { seq: after, event_id, journal_id } = await readPosition(this.db, source);
    let at = after;
    if (at < goal) {
      await this.options.sourceOf(source).follow(
        { after, event_id, journal_id },
        async (batch) => {
          await applier.apply(batch.filter(({ sequence }) => sequence <= goal));
          await this.#refuseParked();
          at = batch.at(-1)?.sequence ?? at;
          if (at >= goal) done.abort();
        },
        AbortSignal.any([signal, done.signal]),
        (behind) => {
          if (behind === 0) done.abort();
        },
      );
      if (signal.aborted) throw new Error("The rebuild was ended; nothing was changed.");
      if (at < goal) throw JournalChanged.ended(source, at, goal);
    }
    return readPosition(this.db, source);
  }

  /** Notes from now on the keys of the rows that change, those that change twice twice: an upsert has no OR IGNORE inside. */
  async noteChanges(): Promise<void> {
    const triggers = this.options.tables.flatMap((table) =>
      (["insert", "update", "delete"] as const).map((event) => {
        const rows = [...(event === "insert" ? [] : ["old"]), ...(event === "delete" ? [] : ["new"])];
        const notes = rows.map(
          (row) => `insert into changed (name, key) values ('${table.name}', ${table.keySql(row)});`,
        );
        return raw(
          `create trigger "${table.name}_${event}_noted" after ${event} on "${table.name}" begin ${notes.join(" ")} end`,
        );
      }),
    );
    await this.db.write([raw("create table changed (name text, key text)"), ...triggers]);
  }

  /** The keys of the rows of a table that changed since the last call, or since they are noted. */
  async changes({ name }: KeyedTable): Promise<Set<string>> {
    const key = computed<string>();
    const taken = returning({ key }, sql`delete from changed where name = ${name} returning key`);
    const [result] = await this.db.write([taken]);
    return new Set(result.rows.map((row) => row.key));
  }

  async #refuseParked(): Promise<void> {
    const { source, sequence, type, error } = deadLetters;
    const parked = sql`from ${deadLetters} where id > ${this.lastLetter} order by id limit 1`;
    const [letter] = await this.db.query(select({ source, sequence, type, error }, parked));
    if (!letter) return;
    throw new Error(
      `Event ${letter.sequence} of ${letter.source} (${letter.type}) was applied once and cannot be any more: ${letter.error}. Nothing was changed.`,
    );
  }

  close(): void {
    this.db.close();
  }
}

/** Inserts a parked event as it was read: SQLite has no booleans. */
function inserted(letter: RowOf<typeof letterColumns>): Sql {
  const [behind, reactions_due] = [letter.behind === 1, letter.reactions_due === 1];
  return insertRow(deadLetters, { ...letter, behind, reactions_due });
}
