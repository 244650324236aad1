import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type IfMatch, requireMatch, sameVersion } from "@stoa/http/etag";
import { command, type Part, retrying } from "@stoa/journal";
import { access } from "../access.ts";
import { accessGroup, conversationFor } from "../conversations/read.ts";
import { selectConversation } from "../conversations/row.ts";
import type { Conversation } from "../conversations/schema.ts";
import { conversations } from "../conversations/table.ts";
import { updateConversation } from "../conversations/update.ts";
import type { StoreDeps } from "../deps.ts";

/**
 * Makes a participant the owner of a group. There is one owner: whoever was it becomes a member.
 *
 * @throws StoaError `not_found` for the conversation, and for someone who takes no part in it or was erased; `forbidden`,
 *   `managed_by_project`, `version_conflict`
 */
export function handOver(
  { db, now }: StoreDeps,
  actor: Actor,
  id: string,
  user_id: string,
  match?: IfMatch,
): Promise<Conversation> {
  return retrying(db, `conversation ${id}`, async () => {
    const present = await accessGroup(db, actor, id);
    requireMatch(match, present);
    const them = present.participants.find((one) => one.user_id === user_id);
    if (!them) throw noParticipant();
    if (them.role === "owner") return present;
    const time = now().toISOString();
    const theirs = sql`conversation_id = ${id} and user_id = ${user_id}`;
    const there: Part = {
      guard: sql`exists (select 1 from directory where user_id = ${user_id} and erased_at is null)`,
      why: noParticipant,
    };
    const handed: Part = {
      guard: sql`exists (select 1 from participants where ${theirs} and role = 'member')`,
      effects: (happened) => [
        sql`update participants set role = case when user_id = ${user_id} then 'owner' else 'member' end
          where conversation_id = ${id} and (user_id = ${user_id} or role = 'owner') and ${happened}`,
        updateConversation(id, time, {}, happened),
      ],
    };
    const rows = await command(
      db,
      actor.cause,
      { type: "conversation.owner_changed", aggregate_id: id, time, data: { conversation_id: id, user_id } },
      [...access(actor, "manage", id), sameVersion(match, conversations, present), there, handed],
      selectConversation(actor.user_id, id),
    );
    return rows && conversationFor(actor, rows[0], "read");
  });
}

function noParticipant(): StoaError {
  return new StoaError("not_found", { detail: "There is no such participant." });
}
