import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Deps } from "../deps.ts";
import { endSessions } from "./end-sessions.ts";

/**
 * Ends one of one's own sessions; one that ended already stays as it is.
 *
 * @throws StoaError `not_found`, also for another user's session
 */
export async function revokeSession(deps: Deps, actor: Actor, session_id: string): Promise<void> {
  const { user_id, cause } = actor;
  const reason = "logout";
  const ended = await endSessions(deps, cause, { user_id, reason, which: sql`id = ${session_id}` });
  if (!ended) await requireSession(deps, user_id, session_id);
}

/**
 * Ends one session of a user; one that ended already stays as it is: for superusers.
 *
 * @throws StoaError `not_found`, also for a session that is not this user's
 */
export async function revokeSessionOf(deps: Deps, actor: Actor, user_id: string, session_id: string): Promise<void> {
  const which = sql`id = ${session_id}`;
  const ended = await endSessions(deps, actor.cause, { user_id, reason: "admin", which });
  if (!ended) await requireSession(deps, user_id, session_id);
}

/**
 * Ends every session of a user: for superusers.
 *
 * @throws StoaError `not_found`
 */
export async function revokeSessionsOf(deps: Deps, actor: Actor, user_id: string): Promise<void> {
  const ended = await endSessions(deps, actor.cause, { user_id, reason: "admin" });
  if (ended) return;
  const [known] = await deps.db.query(sql`select 1 from users where id = ${user_id}`);
  if (!known) throw new StoaError("not_found");
}

async function requireSession({ db }: Deps, user_id: string, session_id: string): Promise<void> {
  const [known] = await db.query(sql`select 1 from sessions where id = ${session_id} and user_id = ${user_id}`);
  if (!known) throw new StoaError("not_found");
}
