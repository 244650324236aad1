import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type DataDirLock, isLocked, lockDataDir } from "@stoa/db/file-lock";
import { privateFile } from "@stoa/db/private-files-bun";

/** The file in the data folder that says where the server answers that has it open. */
const fileName = ".running";

/**
 * Locks a data folder for a server that starts, or for a command that needs the folder alone. Whoever has the lock knows
 * that no server runs, so where one answered that was killed is forgotten.
 *
 * @throws DataDirLockedError when another process has it open
 */
export function lockAlone(dataDir: string): DataDirLock {
  const lock = lockDataDir(dataDir);
  forgetRunning(dataDir);
  return lock;
}

/** Says where this server answers, for the commands beside it. */
export function noteRunning(dataDir: string, host: string, port: number): void {
  const path = join(dataDir, fileName);
  privateFile(path);
  writeFileSync(path, `${addressOf(host, port)}\n`);
}

/** Takes the note away when the server stops. */
export function forgetRunning(dataDir: string): void {
  rmSync(join(dataDir, fileName), { force: true });
}

/** Where the server answers that has a data folder open; undefined when there is none, or it is only starting. */
export function runningIn(dataDir: string): string | undefined {
  if (!isLocked(dataDir)) return undefined;
  try {
    return readFileSync(join(dataDir, fileName), "utf8").trim() || undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** An address of this machine, also where the server listens on all of them. */
function addressOf(host: string, port: number): string {
  if (host === "0.0.0.0") return `http://127.0.0.1:${port}`;
  if (host === "::") return `http://[::1]:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
