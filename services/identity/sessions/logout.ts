import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import type { Deps } from "../deps.ts";
import { endSessions } from "./end-sessions.ts";

/** Ends the session that asks. */
export async function logout(deps: Deps, { user_id, session_id, cause }: Actor): Promise<void> {
  await endSessions(deps, cause, { user_id, reason: "logout", which: sql`id = ${session_id}` });
}

/** Ends every session of the user that asks. */
export async function logoutAll(deps: Deps, { user_id, cause }: Actor): Promise<void> {
  await endSessions(deps, cause, { user_id, reason: "logout_all" });
}
