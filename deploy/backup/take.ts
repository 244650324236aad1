import { copyFileSync, existsSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { secretKeyName } from "@stoa/config/secret-key";
import { newId } from "@stoa/db";
import { DataDirLockedError, lockDataDir } from "@stoa/db/file-lock";
import { privateFolder, restrictFile } from "@stoa/db/private-files-bun";
import { OperatorError } from "@stoa/errors";
import { type ServiceName, services } from "@stoa/events";
import { aheadIn } from "./behind.ts";
import { copyDatabase, type Facts, factsOf, requireIntact } from "./copy.ts";
import { damagedEvents } from "./damaged-events.ts";
import { databaseName, digestOf, flush } from "./files.ts";
import { prune, removeUnfinished, unfinished } from "./folder.ts";
import { type Manifest, manifestName } from "./manifest.ts";

/** What a backup is made of, and where it goes. */
export interface BackupOptions {
  /** The files of the databases. */
  readonly databases: Readonly<Record<ServiceName, string>>;
  /** The folder that may have a file `secret_key`. */
  readonly dataDir: string;
  /** The folder of all backups; it is made if it does not exist. */
  readonly to: string;
  readonly version: string;
  readonly now: () => Date;
  /** Called when everything is copied and only the copies are still to be checked. */
  readonly whenCopied?: () => void;
  /** Copies one database; {@link copyDatabase} unless given. */
  readonly copy?: (source: string, target: string) => void;
}

/** A backup that was made. */
export interface Taken {
  readonly folder: string;
  readonly manifest: Manifest;
  /** The folders of older backups that were deleted. */
  readonly removed: readonly string[];
}

/**
 * Whoever applies events of others is copied before them, so that in the copies no cursor stands past the end of its
 * journal: messaging follows projects and identity, projects follows identity.
 */
const copyOrder = ["messaging", "projects", "identity"] as const satisfies readonly ServiceName[];

/** How often sources are copied again when cursors are ahead of them. */
const MOST_AGAIN = 3;

/**
 * Makes a backup while Stoa runs: a consistent copy of each database, the secret key if it is in a file, and a manifest.
 * It is written to a temporary folder, checked, flushed to the disk, and renamed when it is whole. Older backups of the
 * same installation that need not be kept (see `keptOf`) are deleted then.
 *
 * This blocks its thread; a server runs it in a process of its own.
 *
 * @throws OperatorError when another backup is being made in the same folder, or a database is damaged
 */
export function takeBackup(options: BackupOptions): Taken {
  const { databases, to, now } = options;
  for (const service of services) requireFile(databases[service]);
  privateFolder(to);
  const lock = lockBackups(to);
  try {
    removeUnfinished(to);
    const created_at = now().toISOString();
    const name = created_at.replaceAll(/[:.]/g, "-");
    const temporary = join(to, unfinished(name));
    privateFolder(temporary);
    try {
      const manifest = fill(temporary, options, created_at);
      const folder = join(to, name);
      renameSync(temporary, folder);
      flush(to);
      return { folder, manifest, removed: prune(to, manifest) };
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  } finally {
    lock.release();
  }
}

/** Writes everything that a backup has into a folder. */
function fill(folder: string, options: BackupOptions, created_at: string): Manifest {
  const { facts, warnings } = copyAll(options, folder);
  const secret_key = copySecretKey(options.dataDir, folder);
  options.whenCopied?.();
  for (const service of services) requireIntact(join(folder, databaseName(service)));
  const unreadable = services.flatMap((service) => damagedEvents(join(folder, databaseName(service)), service));
  const names = [...copyOrder.map(databaseName), ...(secret_key ? [secretKeyName] : [])];
  const each = <T>(value: (service: ServiceName) => T) => ({
    identity: value("identity"),
    projects: value("projects"),
    messaging: value("messaging"),
  });
  const manifest: Manifest = {
    id: newId(),
    created_at,
    version: options.version,
    secret_key,
    files: names.map((name) => ({ name, ...digestOf(join(folder, name)) })),
    journals: each((service) => facts[service].journal),
    cursors: each((service) => facts[service].cursors),
    migrations: each((service) => facts[service].migrations.at(-1)?.tag ?? ""),
    warnings: [...warnings, ...unreadable],
  };
  const path = join(folder, manifestName);
  writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true });
  restrictFile(path);
  flush(folder);
  return manifest;
}

function copyAll({ databases, copy = copyDatabase }: BackupOptions, folder: string) {
  const copied = new Map<ServiceName, Facts>();
  const copyOne = (service: ServiceName): Facts => {
    const target = join(folder, databaseName(service));
    rmSync(target, { force: true });
    copy(databases[service], target);
    const facts = factsOf(target);
    copied.set(service, facts);
    return facts;
  };
  const facts = () => ({
    messaging: copied.get("messaging") ?? copyOne("messaging"),
    projects: copied.get("projects") ?? copyOne("projects"),
    identity: copied.get("identity") ?? copyOne("identity"),
  });
  // A database that was exchanged meanwhile, or an order that is wrong one day, is noticed here.
  for (let again = 0; again < MOST_AGAIN; again++) {
    const ahead = aheadIn(facts());
    if (ahead.length === 0) break;
    for (const { source } of ahead) copied.delete(source);
  }
  return { facts: facts(), warnings: aheadIn(facts()).map(({ reason }) => `${reason}.`) };
}

function copySecretKey(dataDir: string, folder: string): boolean {
  const [source, target] = [join(dataDir, secretKeyName), join(folder, secretKeyName)];
  if (!existsSync(source)) return false;
  copyFileSync(source, target);
  restrictFile(target);
  flush(target);
  return true;
}

function requireFile(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw new OperatorError(`There is no database ${path}; set DATA_DIR to the folder of Stoa.`);
  if (size === 0)
    throw new OperatorError(`${path} is empty (0 bytes), so its data is lost; put a backup in its place.`);
}

function lockBackups(to: string) {
  try {
    return lockDataDir(to);
  } catch (error) {
    if (!(error instanceof DataDirLockedError)) throw error;
    const busy = new OperatorError(`Another backup is being made in ${to}; try again when it is done.`);
    busy.cause = error;
    throw busy;
  }
}
