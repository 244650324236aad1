import { type HeldFile, holdFile } from "./held-file-bun.ts";

/**
 * What the index of a write-ahead log says of checkpoints, whichever process makes them: how many frames are in the database
 * file, how many somebody has begun to move there, and the salts of the log, which change when it begins anew. Each
 * checkpoint changes one of them before it writes to the file. Source: SQLite's WAL-index format, 2.1 and 2.2.
 */
export class Checkpoints {
  readonly #path: string;
  #index: HeldFile | undefined;

  /** @param path the database file; from now on every connection of this process shares one descriptor of its index */
  constructor(path: string) {
    this.#path = `${path}-shm`;
    this.#index = holdFile(this.#path);
  }

  /** Another text after each checkpoint; undefined where there is no index yet, or it cannot be read. */
  last(): string | undefined {
    this.#index ??= holdFile(this.#path);
    // The locks lie between them, and Windows lets nobody read a byte that is locked.
    const parts = [this.#index?.read(32, 8), this.#index?.read(96, 4), this.#index?.read(128, 4)];
    const known = parts.filter((part) => part !== undefined);
    return known.length === parts.length ? known.map((part) => Buffer.from(part).toString("hex")).join(" ") : undefined;
  }

  /** Lets go of the index. Call it when no connection of this database is open any more. */
  release(): void {
    this.#index?.release();
  }
}
