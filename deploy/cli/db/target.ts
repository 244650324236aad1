import { mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Database, DatabaseError, openDatabase } from "@stoa/db";
import { filePathOf } from "@stoa/db/file-path";
import { OperatorError } from "@stoa/errors";
import type { ServiceName } from "@stoa/events";
import { lockAlone } from "../../standalone/running.ts";

/** Where a service's database is. */
export interface Target {
  readonly url: string;
  readonly authToken: string | undefined;
}

/** A process's environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The data folder: `DATA_DIR`, or its default. */
export function dataDirOf(env: Environment): string {
  return env["DATA_DIR"] || "./data";
}

/** Reads `PROJECTS_DATABASE_URL` and `PROJECTS_DATABASE_AUTH_TOKEN`; the default is a file in `DATA_DIR` (`./data`). */
export function targetOf(service: ServiceName, env: Environment): Target {
  const prefix = `${service.toUpperCase()}_DATABASE`;
  const url = env[`${prefix}_URL`] || `file:${dataDirOf(env)}/${service}.db`;
  return { url, authToken: env[`${prefix}_AUTH_TOKEN`] || undefined };
}

/** The timeout of a request; milliseconds. A migration of a large table over HTTP may take that long. */
const timeoutMs = 120_000;

/**
 * Runs work on a service's database. If it is a file, its folder is locked meanwhile.
 *
 * @throws DataDirLockedError when a running Stoa has locked the folder; OperatorError for a file of zero bytes
 */
export async function withDatabase<T>(target: Target, work: (db: Database) => Promise<T>): Promise<T> {
  isThere(target);
  const lock = target.url.startsWith("file:") ? lockFolderOf(filePathOf(target.url)) : null;
  try {
    const db = await openTarget(target);
    try {
      return await work(db);
    } finally {
      db.close();
    }
  } finally {
    lock?.release();
  }
}

/**
 * Runs work on a service's database, also while Stoa runs: for reads, and for writes that the running Stoa sees. SQLite
 * lets several processes read and write a file; a file that does not exist counts as empty and is not created.
 */
export async function besideStoa<T>(target: Target, work: (db: Database) => Promise<T>): Promise<T> {
  const db = await openTarget(isThere(target) ? target : { ...target, url: "file::memory:" });
  try {
    return await work(db);
  } finally {
    db.close();
  }
}

/**
 * Opens a database.
 *
 * @throws OperatorError, with the path, for a file that cannot be opened; DamagedFileError, DatabaseError as `openDatabase`
 */
export async function openTarget({ url, authToken }: Target): Promise<Database> {
  try {
    return await openDatabase(url, { authToken, timeoutMs });
  } catch (error) {
    if (!url.startsWith("file:") || !(error instanceof DatabaseError) || error.failure !== "unavailable") throw error;
    throw Object.assign(new OperatorError(`${filePathOf(url)} cannot be used now: ${error.message}.`), {
      cause: error,
    });
  }
}

/**
 * Whether there is a database: a file exists, and a server is assumed to have one.
 *
 * @throws OperatorError for a file of zero bytes, which SQLite would take for a new database: its data is lost
 */
export function isThere({ url }: Pick<Target, "url">): boolean {
  if (!url.startsWith("file:")) return true;
  const path = filePathOf(url);
  const size = sizeOf(path);
  if (size === 0) {
    throw new OperatorError(
      `${path} is empty (0 bytes), so its data is lost; put a backup in its place, or delete it.`,
    );
  }
  return size !== undefined;
}

function sizeOf(path: string): number | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size;
  } catch (error) {
    // The folder is another user's, for example.
    const why = error instanceof Error ? error.message : String(error);
    throw Object.assign(new OperatorError(`${path} cannot be looked at (${why}).`), { cause: error });
  }
}

function lockFolderOf(file: string) {
  const dir = dirname(resolve(file));
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return lockAlone(dir);
}
