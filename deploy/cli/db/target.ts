import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Database, openDatabase } from "@stoa/db";
import { lockDataDir } from "@stoa/db/file-lock";
import type { ServiceName } from "@stoa/events";

/** Where a service's database is, from the environment. */
export interface Target {
  readonly url: string;
  readonly authToken: string | undefined;
}

/** `PROJECTS_DATABASE_URL` and `PROJECTS_DATABASE_AUTH_TOKEN`; a file in `DATA_DIR` (`./data`) otherwise. */
export function targetOf(service: ServiceName, env: Record<string, string | undefined>): Target {
  const prefix = `${service.toUpperCase()}_DATABASE`;
  const url = env[`${prefix}_URL`] ?? `file:${env["DATA_DIR"] ?? "./data"}/${service}.db`;
  return { url, authToken: env[`${prefix}_AUTH_TOKEN`] };
}

/**
 * Works with a service's database, a file under the lock of its folder.
 *
 * @throws DataDirLockedError when a running Stoa has the file.
 */
export async function withDatabase<T>(target: Target, work: (db: Database) => Promise<T>): Promise<T> {
  const dir = target.url.startsWith("file:") ? dirname(resolve(target.url.slice("file:".length))) : null;
  if (dir !== null) mkdirSync(dir, { recursive: true });
  const lock = dir === null ? null : lockDataDir(dir);
  try {
    const db = await openDatabase(target.url, { authToken: target.authToken });
    try {
      return await work(db);
    } finally {
      db.close();
    }
  } finally {
    lock?.release();
  }
}
