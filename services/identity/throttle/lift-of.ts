import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { command, type Part } from "@stoa/journal";
import type { Deps } from "../deps.ts";
import { requireStepUp, stillProven } from "../sessions/step-up.ts";
import { userExists } from "../users/read.ts";
import { liftThrottle } from "./lift.ts";

/**
 * Forgets all failures that were counted for a user, so that they can log in at once: for a superuser, who proves who they
 * are. When there is none, nothing happens. What was counted for an address, from which others try too, stays.
 *
 * @throws StoaError `step_up_required`, `not_found`.
 */
export async function liftThrottleOf(deps: Deps, actor: Actor, user_id: string): Promise<void> {
  await requireStepUp(deps, actor);
  const time = deps.now().toISOString();
  const lifted: Part = {
    guard: sql`exists (select 1 from login_throttles where user_id = ${user_id})`,
    effects: (happened) => [liftThrottle(user_id, happened)],
  };
  const event = { type: "login.throttle_lifted", aggregate_id: user_id, time, data: { user_id } } as const;
  await command(deps.db, actor.cause, event, [userExists(user_id), ...stillProven(deps, actor), lifted]);
}
