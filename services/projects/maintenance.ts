import { purge } from "@stoa/db";
import type { StoreDeps } from "./deps.ts";
import { purgeProjects } from "./projects/purge.ts";
import { purges } from "./purges.ts";
import { sayWhatIsDue } from "./tasks/due.ts";
import { eraseLeftovers } from "./tasks/erase-personal.ts";
import { purgeTasks } from "./tasks/purge.ts";

/**
 * What the root does every minute: everything that is due, in small writes. Several instances may do it at once: each
 * step is guarded by its own rows.
 */
export async function maintain(deps: StoreDeps): Promise<void> {
  await sayWhatIsDue(deps);
  await eraseLeftovers(deps);
  await purgeProjects(deps);
  await purgeTasks(deps);
  await purge(deps.db, purges, deps.now());
}
