import { statSync } from "node:fs";
import { basename } from "node:path";

/** How often a file is looked at when nobody asks; milliseconds. */
const lookMs = 30_000;

/**
 * Notices that a database file was replaced or removed under the process. SQLite goes on with the old one, which has no
 * name any more, so that everything written from then on is gone with the process.
 */
export class FileWatch {
  readonly #path: string;
  readonly #made: string | undefined;
  readonly #timer: Timer;
  #lost: string | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#made = placeOf(path);
    this.#timer = setInterval(() => this.look(), lookMs);
    this.#timer.unref();
  }

  /** What the last look found: a sentence for the operator, or undefined when the file is the same. */
  get lost(): string | undefined {
    return this.#lost;
  }

  /** Looks at the file now. */
  look(): string | undefined {
    const now = placeOf(this.#path);
    const what = now === undefined ? "removed" : "replaced";
    this.#lost =
      now === this.#made
        ? undefined
        : `${basename(this.#path)} was ${what} while Stoa runs, so nothing is written any more. Stop Stoa, put the right file in its place, and start it again.`;
    return this.#lost;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** Device and number of a file, which a copy or a new file of the same name does not have; undefined without a file. */
function placeOf(path: string): string | undefined {
  const its = statSync(path, { throwIfNoEntry: false, bigint: true });
  return its && `${its.dev} ${its.ino}`;
}
