import { DatabaseError } from "./errors.ts";
import { pause } from "./pause.ts";

/** How long a statement or batch is begun again while another one holds the lock; milliseconds. */
const PATIENCE_MS = 1_000;

/**
 * Begins a statement or a batch again while another one has the database locked: another process a file's, another
 * client a server's. SQLite could wait by itself, but on a file it would stop the whole process meanwhile; here
 * everything else runs between two tries. What was refused as busy has written nothing.
 */
export class BusyRetries {
  readonly #patienceMs: number;
  #count = 0;

  constructor(patienceMs = PATIENCE_MS) {
    this.#patienceMs = patienceMs;
  }

  /** How often something was begun again. */
  get count(): number {
    return this.#count;
  }

  /** @param work all of it, from its beginning; fails with DatabaseError */
  run<T>(work: () => T): T | Promise<T> {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error)) throw error;
      return this.#again(work);
    }
  }

  /** The same for work that answers later. */
  async runLater<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error)) throw error;
      return this.#again(work);
    }
  }

  async #again<T>(work: () => T | Promise<T>): Promise<T> {
    const until = performance.now() + this.#patienceMs;
    for (;;) {
      await pause(5 + Math.random() * 20);
      this.#count++;
      try {
        return await work();
      } catch (error) {
        if (!isBusy(error) || performance.now() >= until) throw error;
      }
    }
  }
}

function isBusy(error: unknown): boolean {
  const cause = error instanceof DatabaseError ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && /^SQLITE_(BUSY|LOCKED)/.test(String(cause.code));
}
