import { Database } from "bun:sqlite";
import { mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";

/** A data folder that this process has to itself. */
export interface DataDirLock {
  /** Lets others have it. It goes by itself when the process dies, however it dies. */
  release(): void;
}

/** Another process has the data folder. */
export class DataDirLockedError extends Error {
  override readonly name = "DataDirLockedError";
}

/**
 * Takes a data folder for this process alone, for two processes must never open the same database file. The folder
 * is made if need be, for its owner alone: the databases in it hold mails with their tokens.
 *
 * The lock is SQLite's own, held by an open transaction on `.lock`; the operating system drops it with the process.
 * Nothing else may open that file: closing any handle to it in this process would drop the lock.
 *
 * @throws DataDirLockedError when another process, or this one, has it.
 */
export function lockDataDir(dir: string): DataDirLock {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = realpathSync(dir);
  if (held.has(path)) throw locked(dir);
  const file = new Database(join(dir, ".lock"), { create: true });
  try {
    file.run("pragma busy_timeout = 0");
    file.run("begin exclusive");
  } catch (error) {
    file.close();
    if (error instanceof Error && "code" in error && error.code === "SQLITE_BUSY") {
      throw locked(dir);
    }
    throw error;
  }
  held.set(path, file);
  return {
    release: () => {
      if (!held.delete(path)) return;
      file.run("rollback");
      file.close();
    },
  };
}

const locked = (dir: string) =>
  new DataDirLockedError(`Stoa is already running in ${dir}; stop it first, or choose another DATA_DIR.`);

/** By folder. Kept here so that a lock whose handle was dropped is not collected as garbage, and lost. */
const held = new Map<string, Database>();
