import { selectDistinct, sql } from "@stoa/db";
import { system } from "@stoa/events";
import type { Deps } from "../deps.ts";
import { endSessions } from "./end.ts";
import { sessions } from "./table.ts";

const USERS_AT_ONCE = 100;
const KEPT_DAYS = 30;

/** Ends the sessions that were not refreshed in time, of at most a hundred users. @returns how many users had some */
export async function expireSessions(deps: Pick<Deps, "db" | "now" | "revoke">): Promise<number> {
  const expired = sql`expires_at <= ${deps.now().toISOString()}`;
  const users = await deps.db.query(
    selectDistinct(
      { user_id: sessions.user_id },
      sql`from ${sessions} where ended_at is null and ${expired} limit ${USERS_AT_ONCE}`,
    ),
  );
  for (const { user_id } of users) await endSessions(deps, system, { user_id, reason: "expired", which: expired });
  return users.length;
}

/** Deletes at most a thousand sessions that ended more than 30 days ago. */
export async function purgeSessions({ db, now }: Pick<Deps, "db" | "now">): Promise<void> {
  const before = new Date(now().getTime() - KEPT_DAYS * 86_400_000).toISOString();
  await db.write([
    sql`delete from sessions where id in (select id from sessions where ended_at <= ${before} limit 1000)`,
  ]);
}
