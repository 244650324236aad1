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
