import { StoaError } from "@stoa/errors";
import type { Deps } from "../deps.ts";
import type { Backups } from "./backups.ts";

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
