import type { Actor } from "@stoa/auth";
import { sql, violates } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, commit } from "@stoa/journal";
import { announce, whatHappened } from "../announce.ts";
import type { Deps } from "../deps.ts";
import { endingIdsJson, endingUpdate, endSessions } from "../sessions/end.ts";
import { aSuperuserStays } from "./last-superuser.ts";
import { readUser } from "./read.ts";
import type { User } from "./schema.ts";

/**
 * Shuts a user out: every session ends, no token of theirs is taken anywhere, no login works. Again changes nothing.
 *
 * @throws StoaError `not_found`, `last_superuser`
 */
export async function disableUser(deps: Deps, actor: Actor, user_id: string): Promise<User> {
  const time = deps.now().toISOString();
  const ending = { user_id, reason: "admin" } as const;
  const event = append(
    actor.cause,
    { type: "user.disabled", aggregate_id: user_id, time, data: { user_id, session_ids: endingIdsJson(ending) } },
    sql`exists (select 1 from users where id = ${user_id} and is_active = 1)`,
  );
  const effects = [
    sql`update users set is_active = 0, version = version + 1, updated_at = ${time}
      where id = ${user_id} and ${event.happened}`,
    endingUpdate(ending, time, event.happened),
    aSuperuserStays(event.happened),
  ];
  try {
    const { rows } = await commit(deps.db, event, effects, whatHappened(event));
    announce(deps, rows);
  } catch (error) {
    if (violates(error, "last_superuser")) throw new StoaError("last_superuser", { cause: error });
    throw error;
  }
  // An event names a thousand sessions at most.
  await endSessions(deps, actor.cause, ending);
  return readUser(deps.db, user_id);
}

/**
 * Lets a user in again; they log in anew. Again changes nothing.
 *
 * @throws StoaError `not_found`
 */
export async function enableUser(deps: Deps, actor: Actor, user_id: string): Promise<User> {
  const time = deps.now().toISOString();
  const event = append(
    actor.cause,
    { type: "user.enabled", aggregate_id: user_id, time, data: { user_id } },
    sql`exists (select 1 from users where id = ${user_id} and is_active = 0)`,
  );
  const enable = sql`update users set is_active = 1, version = version + 1, updated_at = ${time}
    where id = ${user_id} and ${event.happened}`;
  const { rows } = await commit(deps.db, event, [enable], whatHappened(event));
  announce(deps, rows);
  return readUser(deps.db, user_id);
}
