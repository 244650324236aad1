import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { secretKeyName } from "@stoa/config/secret-key";
import { isExposed, privateFolder, restrictFile } from "@stoa/db/private-files-bun";
import type { Logger } from "@stoa/http";

/** Files of a data folder by their names, whoever put them there; databases restrict theirs when they are opened. */
const files = [secretKeyName];

/** Folders of a data folder in which every file is Stoa's. */
const folders = ["outbox", "backups"];

/**
 * Makes the data folder, and lets nobody but its owner enter it or read what is in it, whatever the umask and whoever
 * made it. Where that cannot be done (another owner, a file system without modes), the log says so.
 */
export function keepPrivate(dataDir: string, log: Logger): void {
  privateFolder(dataDir);
  for (const name of files) restrictFile(join(dataDir, name));
  for (const name of folders) restrictFolder(join(dataDir, name));
  const exposed = [dataDir, ...files.map((name) => join(dataDir, name))].filter(
    (path) => existsSync(path) && isExposed(path),
  );
  if (exposed.length > 0) log.warn({ paths: exposed }, "Others may read these; give them to the user of Stoa alone.");
}

function restrictFolder(path: string): void {
  if (!existsSync(path)) return;
  privateFolder(path);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) restrictFolder(join(path, entry.name));
    else if (entry.isFile()) restrictFile(join(path, entry.name));
  }
}
