import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DataDirLockedError } from "@stoa/db/file-lock";
import { filePathOf } from "@stoa/db/file-path";
import { readMigrations } from "@stoa/db/migrations/read";
import { OperatorError } from "@stoa/errors";
import type { ServiceName } from "@stoa/events";
import { version } from "@stoa/runtime/version";
import { extentOf } from "../../backup/manifest.ts";
import { type Restored, restoreBackup } from "../../backup/restore.ts";
import { takeBackup } from "../../backup/take.ts";
import { called } from "../called.ts";
import { dataDirOf, type Environment, targetOf } from "../db/target.ts";

const backupUsage = `${called("backup")} [--to DIR]

Copies the three databases and the secret key to a new folder in DIR, also while Stoa runs, and deletes older backups that
need not be kept (7 daily, 4 weekly, 12 monthly). DIR is BACKUP_DIR, by default DATA_DIR/backups.`;

const restoreUsage = `${called("restore")} FOLDER

Puts the backup in FOLDER in the place of the databases, while Stoa is stopped. What is there is moved to a folder of its
own in DATA_DIR.`;

/** Prints a line to stdout, or to stderr for an error. */
type Print = (line: string, error: boolean) => void;

/** The arguments on the command line are wrong. */
class UsageError extends Error {}

/**
 * `bun run backup`. With `--json` it prints the manifest in one line instead, for the server.
 *
 * @returns the exit code: 0 when the backup is whole, 1 otherwise
 */
export function runBackup(args: readonly string[], env: Environment, print: Print): number {
  return explained(print, backupUsage, () => {
    const { values } = parsed(args, false);
    if (values.help) return print(backupUsage, false);
    const dataDir = dataDirOf(env);
    const to = values.to ?? (env["BACKUP_DIR"] || join(dataDir, "backups"));
    const taken = takeBackup({
      databases: filesOf(env),
      dataDir,
      to,
      version,
      now: () => new Date(),
      // While a copy is made its write-ahead log grows, so that is done quickly. Checking may take as long as it likes.
      whenCopied: values.json ? lowPriority : () => undefined,
    });
    const { folder, manifest, removed } = taken;
    if (values.json) return print(JSON.stringify(manifest), false);
    print(`wrote ${folder}: events ${extentOf(manifest)}`, false);
    if (!manifest.secret_key) {
      const why = env["SECRET_KEY"] ? "because it is set in the environment" : "because it is not in DATA_DIR";
      print(`SECRET_KEY is not in it, ${why}: keep it too.`, false);
    }
    for (const old of removed) print(`deleted ${old}`, false);
    for (const warning of manifest.warnings) print(`Warning: ${warning}`, true);
  });
}

/**
 * `bun run restore`.
 *
 * @returns the exit code: 0 when the backup is in place, 1 otherwise
 */
export function runRestore(args: readonly string[], env: Environment, print: Print): number {
  return explained(print, restoreUsage, () => {
    const { values, positionals } = parsed(args, true);
    if (values.help) return print(restoreUsage, false);
    const [folder, ...more] = positionals;
    if (folder === undefined || more.length > 0) throw new UsageError("Name the folder of one backup.");
    const restored = restoreBackup({
      folder,
      databases: filesOf(env),
      dataDir: dataDirOf(env),
      migrations: readMigrations,
      now: () => new Date(),
    });
    for (const line of whatFollows(restored, env)) print(line, false);
  });
}

/** What has changed, and what the operator does now. */
function whatFollows({ manifest, aside, erasedSince }: Restored, env: Environment): string[] {
  return [
    `Restored the backup of ${manifest.created_at} (Stoa ${manifest.version}): events ${extentOf(manifest)}.`,
    ...(aside === null ? [] : [`What was here before is in ${aside}; delete it when nothing of it is needed.`]),
    "What was written after the backup is not here: sessions that began since have ended, and so have links in mails.",
    ...(manifest.secret_key ? [] : ["SECRET_KEY was in the environment and is not in the backup: set the same one."]),
    ...(erasedSince === null ? ["Whether users were erased since cannot be read; erase them again if so."] : []),
    ...(erasedSince ?? []).map((id) => `User ${id} was erased since and exists again: DELETE /api/v1/auth/users/${id}`),
    ...manifest.warnings.map((warning) => `Warning: ${warning}`),
    ...(env["NATS_URL"]
      ? ["The streams are ahead of the journals: run bun run events rebuild --stream with the name of each service."]
      : []),
    "Start Stoa; it applies the migrations that are new.",
  ];
}

/** Leaves the processor to the server that has started this process. */
const lowPriority = () => setPriority(constants.priority.PRIORITY_LOW);

function parsed(args: readonly string[], allowPositionals: boolean) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals,
      options: {
        to: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function filesOf(env: Environment): Record<ServiceName, string> {
  const fileOf = (service: ServiceName) => {
    const { url } = targetOf(service, env);
    if (url.startsWith("file:")) return filePathOf(url);
    throw new OperatorError(
      `The database of ${service} is at a server, not in a file: back it up and restore it there.`,
    );
  };
  return { identity: fileOf("identity"), projects: fileOf("projects"), messaging: fileOf("messaging") };
}

function explained(print: Print, usage: string, work: () => void): number {
  try {
    work();
    return 0;
  } catch (error) {
    print(explain(error, usage), true);
    return 1;
  }
}

function explain(error: unknown, usage: string): string {
  if (error instanceof UsageError) return `${error.message}\n\n${usage}`;
  if (error instanceof DataDirLockedError || error instanceof OperatorError) return error.message;
  if (error instanceof Error && "code" in error) return `${error.message} (${String(error.code)})`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
