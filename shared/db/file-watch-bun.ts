import { statSync } from "node:fs";
import { basename } from "node:path";
import { onBeat } from "./beat.ts";
import { Checkpoints } from "./checkpoints-bun.ts";
import { FileMarks, type KnownDatabase } from "./file-marks-bun.ts";
import { type HeldFile, holdFile } from "./held-file-bun.ts";

/** How often a file is looked at when nobody asks; milliseconds. What is written between two looks may be lost. */
const lookMs = 1_000;

/**
 * Notices that a database file was replaced, removed, cut off or overwritten under the process, or its write-ahead log or the
 * index of that log lost. SQLite goes on
 * with the old one, which has no name any more, so that everything written from then on is gone with the process.
 */
export class FileWatch {
  readonly #path: string;
  readonly #made: string | undefined;
  readonly #stop: () => void;
  readonly #held: HeldFile | undefined;
  readonly #checkpoints: Checkpoints;
  readonly #marks: FileMarks | undefined;
  #overwritten = false;
  readonly #beside: Record<string, string | undefined> = {};
  #largest = 0;
  #lost: string | undefined;

  /** @param known what SQLite says of the database */
  constructor(path: string, known: KnownDatabase) {
    this.#path = path;
    this.#made = placeOf(path).place;
    this.#held = holdFile(path);
    this.#checkpoints = new Checkpoints(path);
    this.#marks = this.#held && new FileMarks(this.#held, known, this.#checkpoints);
    this.#stop = onBeat(lookMs, () => this.look(), { holds: false });
  }

  /** What the last look found: a sentence for the operator, or undefined when the files are the same. */
  get lost(): string | undefined {
    return this.#lost;
  }

  /** Looks at the files now. */
  look(): string | undefined {
    this.#lost = this.#file() ?? this.#gone("-wal") ?? this.#gone("-shm");
    return this.#lost;
  }

  stop(): void {
    this.#stop();
  }

  /** Lets go of the file. Call it when no connection of this database is open any more. */
  release(): void {
    this.#held?.release();
    this.#checkpoints.release();
  }

  /** SQLite only ever makes the file larger here: nothing vacuums it. */
  #file(): string | undefined {
    const { place, size } = placeOf(this.#path);
    const same = place === this.#made;
    const whole = same && size >= this.#largest;
    // The right bytes may be put back, but by then some have gone into the wrong file, or come out of it.
    this.#overwritten ||= whole && this.#marks?.same() === false;
    if (whole && !this.#overwritten) {
      this.#largest = size;
      return undefined;
    }
    const what = whole ? "overwritten" : same ? "cut off" : place === undefined ? "removed" : "replaced";
    return `${basename(this.#path)} was ${what} while Stoa runs, so nothing is written any more. Stop Stoa, put the right file in its place, and start it again.`;
  }

  /**
   * The write-ahead log and its index exist from the first read or write on, and SQLite deletes them when the last connection
   * closes. Locks are in the index: another process that makes a new one takes none of ours into account.
   */
  #gone(suffix: "-wal" | "-shm"): string | undefined {
    const name = `${this.#path}${suffix}`;
    const { place } = placeOf(name);
    this.#beside[suffix] ??= place;
    if (place === this.#beside[suffix]) return undefined;
    const what = place === undefined ? "removed" : "replaced";
    return `${basename(name)} was ${what} while Stoa runs, so nothing is written any more. Stop Stoa, which moves what the log had into ${basename(this.#path)}, and start it again.`;
  }
}

/** Device and number of a file, which a copy or a new file of the same name does not have; undefined without a file. */
function placeOf(path: string): { readonly place: string | undefined; readonly size: number } {
  const its = statSync(path, { throwIfNoEntry: false, bigint: true });
  return { place: its && `${its.dev} ${its.ino}`, size: Number(its?.size ?? 0) };
}
