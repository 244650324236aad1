import { purgeKeys } from "@stoa/journal";
import type { Deps } from "./deps.ts";
import { purgeInvitations } from "./invitations/purge.ts";
import { purgeMails } from "./mail/purge.ts";
import { purgeChallenges } from "./mfa/challenge.ts";
import { expireSessions, purgeSessions } from "./sessions/expire.ts";
import { purgeThrottle } from "./throttle/purge.ts";

/**
 * What the root does every minute: a bounded piece of work, which the next call goes on with. Several instances may
 * do it at once: each step is guarded by its own rows.
 */
export async function maintain(deps: Pick<Deps, "db" | "now" | "revoke" | "keys">): Promise<void> {
  await expireSessions(deps);
  await purgeSessions(deps);
  await deps.db.write([
    purgeKeys(deps.now()),
    ...purgeMails(deps.now()),
    ...purgeThrottle(deps.now()),
    purgeChallenges(deps.now()),
    purgeInvitations(deps.now()),
  ]);
  await deps.keys.maintain();
}
