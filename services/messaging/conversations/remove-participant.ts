import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, commit } from "@stoa/journal";
import type { UseCaseDeps } from "../deps.ts";
import { readAsOwner } from "./as-owner.ts";
import { ownedBy, requireGroupOwner } from "./group-owner.ts";
import { leaveConversation } from "./leave.ts";
import { touched } from "./touched.ts";

/**
 * Takes someone out of a group; oneself: leaves it.
 *
 * @throws StoaError `not_found`, `forbidden`, `managed_by_project`
 */
export async function removeParticipant(deps: UseCaseDeps, actor: Actor, id: string, user_id: string): Promise<void> {
  if (user_id === actor.user_id) return leaveConversation(deps, actor, id);
  const { db, now } = deps;
  const present = await readAsOwner(db, actor, id);
  requireGroupOwner(actor, present);
  const time = now().toISOString();
  const removed = append(
    actor.cause,
    {
      type: "conversation.participant_removed",
      aggregate_id: id,
      entity_id: user_id,
      time,
      data: { conversation_id: id, user_id },
    },
    sql`${ownedBy(actor, id)} and exists (
      select 1 from participants where conversation_id = ${id} and user_id = ${user_id})`,
  );
  const { applied } = await commit(db, removed, [
    sql`delete from participants where conversation_id = ${id} and user_id = ${user_id} and ${removed.happened}`,
    touched(id, time, removed.happened),
  ]);
  if (applied) return;
  requireGroupOwner(actor, await readAsOwner(db, actor, id));
  throw new StoaError("not_found");
}
