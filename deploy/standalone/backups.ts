import { join } from "node:path";
import type { Config } from "@stoa/config";
import { StoaError } from "@stoa/errors";
import { services } from "@stoa/events";
import type { Logger } from "@stoa/http";
import type { Backups } from "@stoa/identity/backups/backups";
import type { Backup } from "@stoa/identity/backups/schema";
import { listBackups } from "../backup/folder.ts";
import type { Manifest } from "../backup/manifest.ts";

/** Seconds after which a client may ask for a backup again when one could not be made. */
const RETRY_AFTER = "30";

/** The backups of a running standalone. */
export interface RunningBackups extends Backups {
  /** Ends the one that is being made, and makes no other; the next start's first one deletes what it leaves. */
  stop(): void;
}

/** The command that makes a backup and prints its manifest: a process of its own, as copying blocks its thread. */
export type BackupCommand = readonly string[];

const sourceFile = join(import.meta.dir, "../cli/main.ts");

/** In an executable, the program itself has the command. */
const ownCommand: BackupCommand = import.meta.path.endsWith("backups.ts")
  ? [process.execPath, sourceFile, "backup", "--json"]
  : [process.execPath, "backup", "--json"];

/**
 * Makes backups of the databases of this process, in a process of its own. One is made at a time; whoever asks meanwhile
 * shares the one that is made next, which has everything that they have written.
 *
 * @returns null when a database is at a server
 */
export function runningBackups(
  config: Config,
  log: Logger,
  command: BackupCommand = ownCommand,
): RunningBackups | null {
  if (!services.every((service) => config.databases[service].url.startsWith("file:"))) return null;
  const dir = config.backup_dir ?? join(config.data_dir, "backups");
  const env = {
    ...process.env,
    DATA_DIR: config.data_dir,
    BACKUP_DIR: dir,
    ...Object.fromEntries(
      services.map((service) => [`${service.toUpperCase()}_DATABASE_URL`, config.databases[service].url]),
    ),
  };
  let child: Bun.Subprocess | undefined;
  let stopped = false;
  const make = async (): Promise<Backup> => {
    if (stopped) throw unavailable();
    const started = Bun.spawn([...command], { env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    child = started;
    const [text, errors, code] = await Promise.all([started.stdout.text(), started.stderr.text(), started.exited]);
    child = undefined;
    if (code !== 0) {
      log.error({ code, output: errors.trim() }, "A backup could not be made.");
      throw unavailable();
    }
    const backup = shape(JSON.parse(text) as Manifest);
    log.info({ backup_id: backup.id, warnings: backup.warnings }, "A backup was made.");
    return backup;
  };

  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<Backup> | undefined;
  return {
    take: () => {
      next ??= running.then(() => {
        const made = make();
        next = undefined;
        // Whether it was made is told to those who asked for it; the next one does not depend on it.
        running = made.catch(() => undefined);
        return made;
      });
      return next;
    },
    list: () => listBackups(dir).map(({ manifest }) => shape(manifest)),
    stop: () => {
      stopped = true;
      child?.kill();
    },
  };
}

const unavailable = () => new StoaError("unavailable", { headers: { "retry-after": RETRY_AFTER } });

function shape({ id, created_at, version, files, journals, warnings }: Manifest): Backup {
  return { id, created_at, version, files, journals, warnings };
}
