import { Database } from "bun:sqlite";
import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { privateFile } from "./private-files-bun.ts";

/** A lock on a data folder, which only this process may use. */
export interface DataDirLock {
  /** Releases the lock. The operating system releases it too when the process ends, however it ends. */
  release(): void;
}

/** Another process has locked the data folder. */
export class DataDirLockedError extends Error {
  override readonly name = "DataDirLockedError";
}

/**
 * Locks a data folder for this process, because two servers must never open the same database file. The folder is
 * created if it does not exist, readable by its owner only, because its databases hold mails with their tokens.
 *
 * The lock is SQLite's own, held by an open transaction on `.lock`; the operating system releases it with the process.
 * Nothing else may open that file: closing any handle to it in this process would release the lock.
 *
 * @throws DataDirLockedError when another process, or this one, holds the lock
 */
export function lockDataDir(dir: string): DataDirLock {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = realpathSync(dir);
  if (held.has(path)) throw locked(dir);
  privateFile(join(dir, ".lock"));
  const file = new Database(join(dir, ".lock"), { create: true });
  try {
    // Whoever looks whether the folder is locked holds it back for a moment.
    file.run("pragma busy_timeout = 50");
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

/** Whether this process or another one has locked a data folder. */
export function isLocked(dir: string): boolean {
  const name = join(dir, ".lock");
  if (!existsSync(name)) return false;
  if (held.has(realpathSync(dir))) return true;
  const file = new Database(name, { readonly: true });
  try {
    file.run("pragma busy_timeout = 0");
    file.query("select 1 from sqlite_master").all();
    return false;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "SQLITE_BUSY") return true;
    throw error;
  } finally {
    file.close();
  }
}

const locked = (dir: string) =>
  new DataDirLockedError(`Stoa is already running in ${dir}; stop it first, or choose another DATA_DIR.`);

/** The locks by folder. They are kept here so that a lock whose handle nobody keeps is not garbage collected. */
const held = new Map<string, Database>();
