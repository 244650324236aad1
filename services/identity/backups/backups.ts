import { StoaError } from "@stoa/errors";
import type { Deps } from "../deps.ts";
import type { Backup } from "./schema.ts";

/** Makes and lists backups: given by a process that has all three databases as files. */
export interface Backups {
  /**
   * Makes one of what is committed now.
   *
   * @throws StoaError `unavailable` when it cannot be made (a full disk, another one being made)
   */
  take(): Promise<Backup>;
  /** Those that are stored, newest first. */
  list(): readonly Backup[];
}

/**
 * Gives a route what makes backups.
 *
 * @throws StoaError `not_implemented` in a process whose databases are not files
 */
export function requireBackups({ backups }: Pick<Deps, "backups">): Backups {
  if (backups) return backups;
  const detail = "The databases of this deployment are not files of this process; back them up where they are.";
  throw new StoaError("not_implemented", { detail });
}
