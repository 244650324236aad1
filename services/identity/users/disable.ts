import type { Actor } from "@stoa/auth";
import { newId, sql } from "@stoa/db";
import { command, type Part } from "@stoa/journal";
import { announce, whatHappened } from "../announce.ts";
import type { Deps } from "../deps.ts";
import { endSessions } from "../sessions/end.ts";
import { type UserAction, userActions } from "./actions.ts";
import { keepsASuperuser } from "./last-superuser.ts";
import { readUser, userExists } from "./read.ts";
import type { User } from "./schema.ts";

/**
 * Locks a user out: every session ends, no token of theirs is valid anywhere, no login works, and open invitations of theirs
 * lapse. Again changes nothing.
 *
 * @throws StoaError `not_found`, `last_superuser`.
 */
export async function disableUser(deps: Deps, actor: Actor, user_id: string): Promise<User> {
  await act(deps, actor, user_id, userActions.disable(actor.cause, deps.now().toISOString()));
  // An event names a thousand sessions at most.
  await endSessions(deps, actor.cause, { user_id, reason: "admin" });
  return readUser(deps.db, user_id);
}

/**
 * Lets a user in again, who then logs in anew. Again changes nothing.
 *
 * @throws StoaError `not_found`.
 */
export async function enableUser(deps: Deps, actor: Actor, user_id: string): Promise<User> {
  await act(deps, actor, user_id, userActions.enable(actor.cause, deps.now().toISOString()));
  return readUser(deps.db, user_id);
}

async function act(deps: Deps, { cause }: Actor, user_id: string, action: UserAction): Promise<void> {
  const event = { ...action.event(user_id), event_id: newId() };
  const changed: Part = {
    guard: sql`exists (select 1 from users where id = ${user_id} and ${action.changes})`,
    effects: (happened) => action.effects(user_id, happened),
  };
  const parts = [userExists(user_id), changed, keepsASuperuser()];
  // No rows: the user was so already.
  const rows = await command(deps.db, cause, event, parts, whatHappened(event));
  announce(deps, rows ?? []);
}
