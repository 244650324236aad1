import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Database, openDatabase } from "@stoa/db";
import { lockDataDir } from "@stoa/db/file-lock";
import type { ServiceName } from "@stoa/events";

/** Where a service's database is. */
export interface Target {
  readonly url: string;
  readonly authToken: string | undefined;
}

/** A process's environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads `PROJECTS_DATABASE_URL` and `PROJECTS_DATABASE_AUTH_TOKEN`; the default is a file in `DATA_DIR` (`./data`). */
export function targetOf(service: ServiceName, env: Environment): Target {
  const prefix = `${service.toUpperCase()}_DATABASE`;
  const url = env[`${prefix}_URL`] || `file:${env["DATA_DIR"] || "./data"}/${service}.db`;
  return { url, authToken: env[`${prefix}_AUTH_TOKEN`] || undefined };
}

/** The timeout of a request; milliseconds. A migration of a large table over HTTP may take that long. */
const timeoutMs = 120_000;

/**
 * Runs work on a service's database. If it is a file, its folder is locked meanwhile.
 *
 * @throws DataDirLockedError when a running Stoa has locked the folder
 */
export async function withDatabase<T>(target: Target, work: (db: Database) => Promise<T>): Promise<T> {
  const lock = target.url.startsWith("file:") ? lockFolderOf(target.url.slice("file:".length)) : null;
  try {
    const db = await openDatabase(target.url, { authToken: target.authToken, timeoutMs });
    try {
      return await work(db);
    } finally {
      db.close();
    }
  } finally {
    lock?.release();
  }
}

function lockFolderOf(file: string) {
  const dir = dirname(resolve(file));
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return lockDataDir(dir);
}
