import { ConfigError } from "@stoa/config";
import { DamagedFileError, DatabaseError } from "@stoa/db";
import { DataDirLockedError } from "@stoa/db/file-lock";
import { MigrationError } from "@stoa/db/migrations";
import { OperatorError } from "@stoa/errors";

/**
 * Runs the start of a process. An error that the operator can fix is printed as one line on standard error, any other
 * with its stack. In both cases the process exits with 1.
 */
export async function orExit(start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(1);
  }
}

function explain(error: unknown): string {
  for (const known of [ConfigError, DamagedFileError, DataDirLockedError, MigrationError, OperatorError]) {
    if (error instanceof known) return error.message;
  }
  const unbound = listenFault(error);
  if (unbound !== undefined) return unbound;
  const unusable = fileFault(error) ?? (error instanceof DatabaseError ? fileFault(error.cause) : undefined);
  if (unusable !== undefined) return unusable;
  if (error instanceof DatabaseError && error.failure !== "other" && error.failure !== "constraint") {
    return `The database${error.server === undefined ? "" : ` at ${error.server}`} does not answer; check its address and token.`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** What the system says when nobody can listen there. */
function listenFault(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  if (error.code === "EADDRINUSE") return "The port is taken; choose another with PORT, or stop what listens there.";
  if (error.code === "EADDRNOTAVAIL") return "HOST is no address of this machine; 0.0.0.0 is all of them.";
  if (error.code !== "EACCES" || !("syscall" in error) || error.syscall !== "listen") return undefined;
  return "Stoa has no right to listen on that port; choose one from 1024 on with PORT.";
}

/** Missing rights, and a disk that is full or fails: SQLite and the system have no name for the file in their messages. */
function fileFault(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const code = String(error.code);
  if (!/^(SQLITE_(CANTOPEN|READONLY|FULL|IOERR)|EACCES|EROFS|ENOSPC)/.test(code)) return undefined;
  return `A file in the data folder cannot be used: ${error.message} (${code}). Stoa needs the right to read and write all of them, and room on the disk.`;
}
