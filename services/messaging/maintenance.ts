import { purge } from "@stoa/db";
import { purgeConversations } from "./conversations/purge.ts";
import type { StoreDeps } from "./deps.ts";
import { purges } from "./purges.ts";

/**
 * What the root does every minute: everything that is due, in small writes. Several instances may do it at once: each
 * step is guarded by its own rows.
 */
export async function maintain(deps: StoreDeps): Promise<void> {
  await purgeConversations(deps);
  await purge(deps.db, purges, deps.now());
}
