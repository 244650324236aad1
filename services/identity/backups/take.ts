import { sql } from "@stoa/db";
import type { Claim } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { requireBackups } from "./required.ts";
import type { Backup } from "./schema.ts";

/**
 * Makes a backup. It changes no data, so there is no event; only the key of the request is stored.
 *
 * @returns undefined when another request with the same key was faster
 * @throws StoaError `not_implemented`, `unavailable`.
 */
export async function takeBackup(deps: Pick<Deps, "db" | "backups">, claim: Claim): Promise<Backup | undefined> {
  const backup = await requireBackups(deps).take();
  const { guard = sql`1`, effects } = claim(backup.id);
  const statements = effects?.(guard, "") ?? [];
  if (statements.length === 0) return backup;
  const results = await deps.db.write(statements);
  return results.every(({ changes }) => changes > 0) ? backup : undefined;
}
