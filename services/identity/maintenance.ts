import { purge } from "@stoa/db";
import type { Deps } from "./deps.ts";
import { purges } from "./purges.ts";
import { expireSessions } from "./sessions/expire.ts";

/**
 * What the root does every minute: everything that is due, in small writes. Several instances may do it at once: each
 * step is guarded by its own rows.
 */
export async function maintain(deps: Pick<Deps, "db" | "now" | "revoke" | "keys">): Promise<void> {
  await expireSessions(deps);
  await purge(deps.db, purges, deps.now());
  await deps.keys.maintain();
}
