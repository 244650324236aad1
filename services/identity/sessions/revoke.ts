import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { userExists } from "../users/read.ts";
import { endSessions } from "./end.ts";

/** Ends the session of the request. */
export async function logout(deps: Deps, { user_id, session_id, cause }: Actor): Promise<void> {
  await endSessions(deps, cause, { user_id, reason: "logout", which: sql`id = ${session_id}` });
}

/** Ends every session of the request's user. */
export async function logoutAll(deps: Deps, { user_id, cause }: Actor): Promise<void> {
  await endSessions(deps, cause, { user_id, reason: "logout_all" });
}

/**
 * Ends one of the user's own sessions; one that has ended already stays as it is.
 *
 * @throws StoaError `not_found`, also for another user's session
 */
export async function revokeSession(deps: Deps, actor: Actor, session_id: string): Promise<void> {
  const { user_id, cause } = actor;
  const ending = { user_id, reason: "logout", which: sql`id = ${session_id}` } as const;
  await endSessions(deps, cause, ending, [hasSession(user_id, session_id)]);
}

/**
 * Ends one session of a user, for a superuser; one that has ended already stays as it is.
 *
 * @throws StoaError `not_found`, also for a session that is not this user's
 */
export async function revokeSessionOf(deps: Deps, actor: Actor, user_id: string, session_id: string): Promise<void> {
  const ending = { user_id, reason: "admin", which: sql`id = ${session_id}` } as const;
  await endSessions(deps, actor.cause, ending, [hasSession(user_id, session_id)]);
}

/**
 * Ends every session of a user, for a superuser.
 *
 * @throws StoaError `not_found`
 */
export async function revokeSessionsOf(deps: Deps, actor: Actor, user_id: string): Promise<void> {
  await endSessions(deps, actor.cause, { user_id, reason: "admin" }, [userExists(user_id)]);
}

/** The part of a command that a session is this user's, ended or not. */
function hasSession(user_id: string, session_id: string): Part {
  return {
    guard: sql`exists (select 1 from sessions where id = ${session_id} and user_id = ${user_id})`,
    why: () => new StoaError("not_found"),
  };
}
