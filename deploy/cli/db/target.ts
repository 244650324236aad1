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

/** `PROJECTS_DATABASE_URL` and `PROJECTS_DATABASE_AUTH_TOKEN`; a file in `DATA_DIR` (`./data`) otherwise. */
export function targetOf(service: ServiceName, env: Environment): Target {
  const prefix = `${service.toUpperCase()}_DATABASE`;
  const url = env[`${prefix}_URL`] || `file:${env["DATA_DIR"] || "./data"}/${service}.db`;
  return { url, authToken: env[`${prefix}_AUTH_TOKEN`] || undefined };
}

/** A migration of a large table over HTTP may take its time. */
const timeoutMs = 120_000;

/**
 * Works with a service's database; if it is a file, under the lock of its folder.
 *
 * @throws DataDirLockedError when a running Stoa has the file.
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
