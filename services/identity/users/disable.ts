import type { Actor } from "@stoa/auth";
import { newId, sql } from "@stoa/db";
import type { IfMatch } from "@stoa/http/etag";
import { command, type Part } from "@stoa/journal";
import { announce, whatHappened } from "../announce.ts";
import type { UserDeps } from "../deps.ts";
import { endSessions } from "../sessions/end.ts";
import { type UserAction, userActions } from "./actions.ts";
import { keepsASuperuser } from "./last-superuser.ts";
import { commandMatching, readUser, userExists } from "./read.ts";
import type { User } from "./schema.ts";

/**
 * Locks a user out: every session ends, no token of theirs is valid anywhere, no login works, and open invitations of theirs
 * lapse. Repeating it changes nothing.
 *
 * @throws StoaError `not_found`, `last_superuser`, `version_conflict`.
 */
export async function disableUser(
  deps: UserDeps,
  actor: Pick<Actor, "cause">,
  user_id: string,
  match?: IfMatch,
): Promise<User> {
  await act(deps, actor, user_id, userActions.disable(actor.cause, deps.now().toISOString()), match);
  // An event names a thousand sessions at most. Whoever has been enabled again meanwhile may have logged in.
  await endSessions(deps, actor.cause, { user_id, reason: "admin" }, [isDisabled(user_id)]);
  return readUser(deps.db, user_id);
}

/** The part of a command that a user is disabled. */
export function isDisabled(user_id: string): Part {
  return { guard: sql`exists (select 1 from users where id = ${user_id} and is_active = 0)` };
}

/**
 * Lets a user in again, who then logs in anew. Repeating it changes nothing.
 *
 * @throws StoaError `not_found`, `version_conflict`.
 */
export async function enableUser(
  deps: UserDeps,
  actor: Pick<Actor, "cause">,
  user_id: string,
  match?: IfMatch,
): Promise<User> {
  await act(deps, actor, user_id, userActions.enable(actor.cause, deps.now().toISOString()), match);
  return readUser(deps.db, user_id);
}

async function act(
  deps: UserDeps,
  { cause }: Pick<Actor, "cause">,
  user_id: string,
  action: UserAction,
  match: IfMatch | undefined,
): Promise<void> {
  const event = { ...action.event(user_id), event_id: newId() };
  const changed: Part = {
    guard: sql`exists (select 1 from users where id = ${user_id} and ${action.changes})`,
    effects: (happened) => action.effects(user_id, happened),
  };
  // No rows: the user was so already.
  const rows = await commandMatching(deps.db, match, user_id, (matching) =>
    command(deps.db, cause, event, [userExists(user_id), matching, changed, keepsASuperuser()], whatHappened(event)),
  );
  announce(deps, rows ?? []);
}
