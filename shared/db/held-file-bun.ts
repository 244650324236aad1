import { closeSync, openSync, readSync, statSync } from "node:fs";

interface Held {
  readonly fd: number;
  users: number;
}

/** What is held, by device and number of the file. */
const held = new Map<string, Held>();

/** A file that can be read beside SQLite. */
export interface HeldFile {
  /** Some bytes of the file; undefined where it does not have so many, or cannot be read. */
  read(offset: number, length: number): Uint8Array | undefined;
  /** Ends the use. Call it when no connection of this user is open any more. */
  release(): void;
}

/**
 * Opens a database file for reading its bytes, once for the whole process. Closing any descriptor of a file takes away the
 * locks that SQLite has on it in this process (sqlite.org/howtocorrupt.html, 2.2), so it is closed only when its last user
 * has closed the database.
 *
 * @returns undefined without a file
 */
export function holdFile(path: string): HeldFile | undefined {
  const its = statSync(path, { throwIfNoEntry: false, bigint: true });
  if (!its) return undefined;
  const key = `${its.dev} ${its.ino}`;
  const file = held.get(key) ?? { fd: openSync(path, "r"), users: 0 };
  held.set(key, file);
  file.users++;
  let used = true;
  return {
    read: (offset, length) => (used ? bytesOf(file.fd, offset, length) : undefined),
    release: () => {
      if (!used) return;
      used = false;
      file.users--;
      if (file.users > 0) return;
      held.delete(key);
      closeSync(file.fd);
    },
  };
}

function bytesOf(fd: number, offset: number, length: number): Uint8Array | undefined {
  const bytes = new Uint8Array(length);
  try {
    return readSync(fd, bytes, 0, length, offset) === length ? bytes : undefined;
  } catch {
    // A disk that fails is noticed by the reads and writes of SQLite, which report it.
    return undefined;
  }
}
