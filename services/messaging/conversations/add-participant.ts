import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import type { IfMatch } from "@stoa/http/etag";
import { append, commit } from "@stoa/journal";
import type { UseCaseDeps } from "../deps.ts";
import { findUsers } from "../directory/lookup.ts";
import { readAsOwner, selectAsOwner } from "./as-owner.ts";
import { ownedBy, requireGroupOwner } from "./group-owner.ts";
import { joined } from "./joined.ts";
import { conversationIn } from "./read.ts";
import type { Conversation } from "./schema.ts";
import { touched } from "./touched.ts";
import { ofVersion, requireVersion } from "./version.ts";

/**
 * Takes someone into a group; who is in it already stays.
 *
 * @param match `If-Match`: only while the conversation is as the asker has seen it
 * @throws StoaError `not_found`, `forbidden`, `managed_by_project`, `version_conflict`
 */
export async function addParticipant(
  deps: UseCaseDeps,
  actor: Actor,
  id: string,
  user_id: string,
  match?: IfMatch,
): Promise<Conversation> {
  const { db, now } = deps;
  const present = await readAsOwner(db, actor, id);
  requireGroupOwner(actor, present);
  requireVersion(match, present);
  if (present.participants.some((participant) => participant.user_id === user_id)) return present;
  await findUsers(deps, { ids: [user_id] });
  const time = now().toISOString();
  const added = append(
    actor.cause,
    {
      type: "conversation.participant_added",
      aggregate_id: id,
      entity_id: user_id,
      time,
      data: { conversation_id: id, user_id },
    },
    sql`${ownedBy(actor, id)} and ${ofVersion(match, present)} and not exists (
      select 1 from participants where conversation_id = ${id} and user_id = ${user_id})`,
  );
  const effects = [joined(id, user_id, "member", time, added.happened), touched(id, time, added.happened)];
  const { applied, rows } = await commit(db, added, effects, selectAsOwner(actor, id));
  const conversation = conversationIn(rows);
  // Not applied: someone else added them, or the asker is the owner no more, or it has changed.
  if (!applied) {
    requireGroupOwner(actor, conversation);
    requireVersion(match, conversation);
  }
  return conversation;
}
