import { type Database, select, sql } from "@stoa/db";
import { journal } from "@stoa/journal";
import type { Bell } from "./bell.ts";

const { seq, event_id } = journal;
const lastEvent = select({ seq, event_id }, sql`from ${journal} order by seq desc limit 1`);

const watches = new WeakMap<Database, JournalWatch>();

/** How often the end of a journal over HTTP is checked when this process writes nothing; milliseconds. */
const pollMs = 250;

/**
 * Checks the end of one journal for all its followers in the process, and wakes them only when it has another last event,
 * which also happens when its database is restored. Most writes append no event, and without this each follower would read an empty page after every one of them.
 */
export class JournalWatch {
  readonly #db: Database;
  readonly #bells = new Set<Bell>();
  #end: string | undefined;
  #looking = false;
  #again = false;
  #stop: (() => void) | undefined;

  private constructor(db: Database) {
    this.#db = db;
  }

  /** The one of a database in this process. */
  static of(db: Database): JournalWatch {
    const watch = watches.get(db) ?? new JournalWatch(db);
    watches.set(db, watch);
    return watch;
  }

  /** Rings at every move from now on, and once for earlier moves. Returns the function that unsubscribes. */
  wake(bell: Bell): () => void {
    this.#bells.add(bell);
    if (this.#bells.size === 1) this.#start();
    return () => {
      if (this.#bells.delete(bell) && this.#bells.size === 0) this.#stop?.();
    };
  }

  #start(): void {
    const look = () => void this.#look();
    const deaf = this.#db.onWrite(look);
    // A file's database says by itself when another process has written.
    const timer = this.#db.kind === "file" ? undefined : setInterval(look, pollMs);
    this.#stop = () => {
      deaf();
      clearInterval(timer);
      this.#end = undefined;
    };
    look();
  }

  /** Never rejects. A failure wakes the followers, whose own read then reports what is wrong. */
  async #look(): Promise<void> {
    // Whoever has not heard the last ring yet reads the journal afterwards, and with it what was written now.
    if (this.#bells.values().every(({ rung }) => rung)) return;
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = true;
    do {
      this.#again = false;
      const end = await this.#read();
      if (end === undefined || end !== this.#end) for (const bell of this.#bells) bell.ring();
      this.#end = end;
    } while (this.#again);
    this.#looking = false;
  }

  async #read(): Promise<string | undefined> {
    try {
      const [last] = await this.#db.query(lastEvent);
      return last ? `${last.seq} ${last.event_id}` : "";
    } catch {
      return undefined;
    }
  }
}
