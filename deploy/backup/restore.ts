import { Database } from "bun:sqlite";
import { copyFileSync, cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { secretKeyName } from "@stoa/config/secret-key";
import { type Migration, unknownTo } from "@stoa/db/migrations";
import { privateFolder, restrictFile } from "@stoa/db/private-files-bun";
import { OperatorError } from "@stoa/errors";
import { type ServiceName, services } from "@stoa/events";
import { lockAlone } from "../standalone/running.ts";
import { factsOf } from "./copy.ts";
import { databaseName, digestOf, flush } from "./files.ts";
import { type Manifest, readManifest } from "./manifest.ts";

/** What is restored, and where to. */
export interface RestoreOptions {
  /** The folder of the backup. */
  readonly folder: string;
  /** The files of the databases. */
  readonly databases: Readonly<Record<ServiceName, string>>;
  readonly dataDir: string;
  /** The migrations of this version of Stoa. */
  readonly migrations: (service: ServiceName) => readonly Migration[];
  readonly now: () => Date;
}

/** What was done. */
export interface Restored {
  readonly manifest: Manifest;
  /** The folder that now has what was there before; null when nothing was there. */
  readonly aside: string | null;
  /** Users that were erased after the backup, and exist again; null when what was there before cannot be read. */
  readonly erasedSince: readonly string[] | null;
}

/** Mails that are not in the restored database any more: their links lead nowhere. */
const outbox = "outbox";

/**
 * Puts a backup in the place of the databases. First everything is checked and copied beside them; only then is what is
 * there moved to a folder of its own, and nothing is deleted. If it is interrupted, it can be run again.
 *
 * @throws DataDirLockedError while Stoa runs; OperatorError when the backup is not whole or from a newer Stoa
 */
export function restoreBackup(options: RestoreOptions): Restored {
  const { folder, databases, dataDir, migrations, now } = options;
  const manifest = readManifest(folder);
  for (const file of manifest.files) requireWhole(folder, file);
  for (const service of services) requireKnown(folder, service, manifest, migrations(service));

  privateFolder(dataDir);
  const lock = lockAlone(dataDir);
  try {
    const stamp = now().toISOString().replaceAll(/[:.]/g, "-");
    const targets = targetsOf(manifest, databases, dataDir);
    const staged = [...targets].map(([name, target]) => ({ target, copy: `${target}.restoring-${stamp}`, name }));
    try {
      for (const { name, target, copy } of staged) {
        mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
        copyFileSync(join(folder, name), copy);
        restrictFile(copy);
        flush(copy);
      }
      for (const { name, copy } of staged)
        requireWhole(dirname(copy), { ...fileOf(manifest, name), name: basename(copy) });

      const aside = join(dataDir, `before-restore-${stamp}`);
      const moved = moveAside([...targets, [outbox, join(dataDir, outbox)]], aside);
      for (const { target, copy } of staged) renameSync(copy, target);
      for (const dir of new Set([...targets.values()].map(dirname))) flush(dir);
      return { manifest, aside: moved ? aside : null, erasedSince: erasedSince(manifest, aside) };
    } finally {
      for (const { copy } of staged) rmSync(copy, { force: true });
    }
  } finally {
    lock.release();
  }
}

function targetsOf(manifest: Manifest, databases: RestoreOptions["databases"], dataDir: string): Map<string, string> {
  const targets = new Map(services.map((service) => [databaseName(service), databases[service]]));
  if (manifest.secret_key) targets.set(secretKeyName, join(dataDir, secretKeyName));
  return targets;
}

function fileOf(manifest: Manifest, name: string): Manifest["files"][number] {
  const file = manifest.files.find((one) => one.name === name);
  if (!file) throw new OperatorError(`The backup is not whole: its manifest does not name ${name}.`);
  return file;
}

function requireWhole(folder: string, { name, bytes, sha256 }: Manifest["files"][number]): void {
  const path = join(folder, name);
  if (!existsSync(path)) throw new OperatorError(`The backup is not whole: ${path} is missing.`);
  const is = digestOf(path);
  if (is.bytes === bytes && is.sha256 === sha256) return;
  throw new OperatorError(`The backup is not whole: ${path} is not the file that the manifest describes.`);
}

function requireKnown(folder: string, service: ServiceName, manifest: Manifest, known: readonly Migration[]): void {
  fileOf(manifest, databaseName(service));
  const { migrations } = factsOf(join(folder, databaseName(service)));
  const newer = unknownTo(known, migrations);
  if (newer === undefined) return;
  throw new OperatorError(
    `The backup is from a newer Stoa (${manifest.version}): ${service} has run ${newer}, which this version does not know. Restore it with that version.`,
  );
}

/** Moves files with what belongs to them, and folders, under these names. Returns whether there were any. */
function moveAside(paths: readonly (readonly [name: string, path: string])[], aside: string): boolean {
  const present = paths.flatMap(withCompanions).filter(([, path]) => existsSync(path));
  if (present.length === 0) return false;
  privateFolder(aside);
  for (const [name, path] of present) move(path, join(aside, name));
  flush(aside);
  return true;
}

/** A database's logs, and the folder in which Litestream keeps what it knows of the database. */
function withCompanions([name, path]: readonly [string, string]): [string, string][] {
  const logs = ["", "-wal", "-shm", "-journal"].map((suffix): [string, string] => [name + suffix, path + suffix]);
  return [...logs, [`.${name}-litestream`, join(dirname(path), `.${basename(path)}-litestream`)]];
}

function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    // A database may be on another disk than DATA_DIR.
    if (!(error instanceof Error && "code" in error && error.code === "EXDEV")) throw error;
    cpSync(from, to, { recursive: true });
    if (statSync(to).isFile()) restrictFile(to);
    flush(to);
    rmSync(from, { recursive: true });
  }
}

function erasedSince({ journals }: Manifest, aside: string): string[] | null {
  const path = join(aside, databaseName("identity"));
  if (!existsSync(path)) return [];
  try {
    const db = new Database(path, { readonly: true });
    try {
      const { journal_id, seq } = journals.identity;
      return db
        .prepare<{ id: string }, [number, string]>(
          `select aggregate_id as id from journal where type = 'user.erased' and seq > ?
            and (select journal_id from journal_identity) = ? order by seq`,
        )
        .all(seq, journal_id)
        .map(({ id }) => id);
    } finally {
      db.close();
    }
  } catch (error) {
    // What is restored is often restored because this file is damaged.
    if (error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_")) return null;
    throw error;
  }
}
