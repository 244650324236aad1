import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { IfMatch } from "@stoa/http/etag";
import { append, commit } from "@stoa/journal";
import type { UseCaseDeps } from "../deps.ts";
import { readAsOwner } from "./as-owner.ts";
import { ownedBy, requireGroupOwner } from "./group-owner.ts";
import { leaveConversation } from "./leave.ts";
import { touched } from "./touched.ts";
import { ofVersion, requireVersion } from "./version.ts";

/**
 * Takes someone out of a group; oneself: leaves it.
 *
 * @param match `If-Match`: only while the conversation is as the asker has seen it
 * @throws StoaError `not_found`, `forbidden`, `managed_by_project`, `version_conflict`
 */
export async function removeParticipant(
  deps: UseCaseDeps,
  actor: Actor,
  id: string,
  user_id: string,
  match?: IfMatch,
): Promise<void> {
  if (user_id === actor.user_id) return leaveConversation(deps, actor, id, match);
  const { db, now } = deps;
  const present = await readAsOwner(db, actor, id);
  requireGroupOwner(actor, present);
  requireVersion(match, present);
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
    sql`${ownedBy(actor, id)} and ${ofVersion(match, present)} and exists (
      select 1 from participants where conversation_id = ${id} and user_id = ${user_id})`,
  );
  const { applied } = await commit(db, removed, [
    sql`delete from participants where conversation_id = ${id} and user_id = ${user_id} and ${removed.happened}`,
    touched(id, time, removed.happened),
  ]);
  if (applied) return;
  const meanwhile = await readAsOwner(db, actor, id);
  requireGroupOwner(actor, meanwhile);
  requireVersion(match, meanwhile);
  throw new StoaError("not_found");
}
