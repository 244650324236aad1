import { DatabaseError } from "./errors.ts";

/** How long a statement or batch is begun again while another process holds the lock; milliseconds. */
const PATIENCE_MS = 1_000;

/**
 * Begins a statement or a batch again while another process has the file locked. SQLite could wait by itself, but
 * would stop the whole process meanwhile; here everything else runs between two tries.
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

  async #again<T>(work: () => T): Promise<T> {
    const until = performance.now() + this.#patienceMs;
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 20));
      this.#count++;
      try {
        return work();
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
