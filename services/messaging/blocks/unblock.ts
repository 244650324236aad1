import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { append, commit } from "@stoa/journal";
import type { PeopleDeps } from "../deps.ts";
import { findUsers } from "../directory/lookup.ts";

/**
 * Blocks someone no more. Someone who is not blocked stays so.
 *
 * @throws StoaError `not_found` for the user
 */
export async function unblockUser(deps: PeopleDeps, actor: Actor, blocked_id: string): Promise<void> {
  const { db, now } = deps;
  const { user_id } = actor;
  const theirs = sql`user_id = ${user_id} and blocked_id = ${blocked_id}`;
  const removed = append(
    actor.cause,
    {
      type: "block.removed",
      aggregate_id: user_id,
      time: now().toISOString(),
      data: { user_id, blocked_id },
    },
    sql`exists (select 1 from blocks where ${theirs})`,
  );
  const { applied } = await commit(db, removed, [sql`delete from blocks where ${theirs} and ${removed.happened}`]);
  if (!applied) await findUsers(deps, { ids: [blocked_id] });
}
