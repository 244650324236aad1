import { breathe, type Purge, selectDistinct, sql } from "@stoa/db";
import { system } from "@stoa/events";
import type { Deps } from "../deps.ts";
import { endSessions } from "./end.ts";
import { sessions } from "./table.ts";

const USERS_AT_ONCE = 100;
const KEPT_DAYS = 30;

/**
 * Ends the sessions that were not refreshed in time, of a hundred users and again until there are none. One command ends
 * at most a thousand sessions of a user.
 */
export async function expireSessions(deps: Pick<Deps, "db" | "now" | "revoke">): Promise<void> {
  const expired = sql`expires_at <= ${deps.now().toISOString()}`;
  const some = selectDistinct(
    { user_id: sessions.user_id },
    sql`from ${sessions} where ended_at is null and ${expired} limit ${USERS_AT_ONCE}`,
  );
  for (let users = await deps.db.query(some); users.length > 0; users = await deps.db.query(some)) {
    for (const { user_id } of users) {
      await endSessions(deps, system, { user_id, reason: "expired", which: expired });
      await breathe();
    }
  }
}

/** Sessions go 30 days after they ended. */
export const sessionPurge: Purge = {
  table: sessions,
  past: (now) => sql`${sessions.ended_at} <= ${new Date(now.getTime() - KEPT_DAYS * 86_400_000).toISOString()}`,
};
