import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type IfMatch, requireMatch, sameVersion } from "@stoa/http/etag";
import { command, type Part, retrying } from "@stoa/journal";
import { access, requireUnmanaged } from "../access.ts";
import { accessConversation, accessGroup, readConversation } from "../conversations/read.ts";
import type { Conversation } from "../conversations/schema.ts";
import { conversations } from "../conversations/table.ts";
import { updateConversation } from "../conversations/update.ts";
import type { StoreDeps } from "../deps.ts";
import { withdrawFrom } from "../notifications/withdraw.ts";
import { passOn } from "./pass-on.ts";

/**
 * Leaves a conversation. A direct conversation keeps both its people: it is hidden from the one who left until either
 * writes in it again. A group that its owner leaves belongs to whoever has been in it longest; one that its last
 * participant leaves goes to the trash.
 *
 * @throws StoaError `not_found`, `forbidden`, `managed_by_project`, `version_conflict`
 */
export async function leaveConversation(deps: StoreDeps, actor: Actor, id: string, match?: IfMatch): Promise<void> {
  await retrying(deps.db, `conversation ${id}`, async () => {
    const present = await accessConversation(deps.db, actor, id, "participate");
    requireUnmanaged(present);
    requireMatch(match, present);
    return endParticipation(deps, actor, present, actor.user_id, match);
  });
}

/**
 * Removes someone from a group: its owner removes others, anyone may leave.
 *
 * @throws StoaError `not_found` for the conversation and for someone who takes no part in it; `forbidden`,
 *   `managed_by_project`, `version_conflict`
 */
export async function removeParticipant(
  deps: StoreDeps,
  actor: Actor,
  id: string,
  user_id: string,
  match?: IfMatch,
): Promise<void> {
  const { db } = deps;
  // Whoever sees the conversation sees who is in it: existence comes before the right to remove.
  requireParticipant(await readConversation(db, actor, id), user_id);
  if (user_id === actor.user_id) return leaveConversation(deps, actor, id, match);
  await retrying(db, `conversation ${id}`, async () => {
    const present = await accessGroup(db, actor, id);
    requireMatch(match, present);
    requireParticipant(present, user_id);
    return endParticipation(deps, actor, present, user_id, match);
  });
}

function requireParticipant({ participants }: Conversation, user_id: string): void {
  if (participants.some((one) => one.user_id === user_id)) return;
  throw new StoaError("not_found", { detail: "There is no such participant." });
}

function endParticipation(
  { db, now }: StoreDeps,
  actor: Actor,
  present: Conversation,
  user_id: string,
  match: IfMatch | undefined,
): Promise<readonly object[] | undefined> {
  const { id, type } = present;
  const time = now().toISOString();
  const theirs = sql`conversation_id = ${id} and user_id = ${user_id}`;
  const withdrawn: Part = { effects: (happened) => withdrawFrom(actor.cause, time, user_id, [id], happened) };
  const ended: Part = {
    guard: sql`exists (select 1 from participants where ${theirs} and left_at is null)`,
    effects: (happened) =>
      type === "direct"
        ? [sql`update participants set left_at = ${time} where ${theirs} and ${happened}`]
        : [
            sql`delete from participants where ${theirs} and ${happened}`,
            updateConversation(id, time, {}, happened),
            ...passOn(actor.cause, id, time, happened),
          ],
  };
  return command(
    db,
    actor.cause,
    {
      type: "conversation.participant_removed",
      aggregate_id: id,
      entity_id: user_id,
      time,
      data: { conversation_id: id, user_id },
    },
    [
      ...access(actor, user_id === actor.user_id ? "participate" : "manage", id),
      sameVersion(match, conversations, present),
      ended,
      withdrawn,
    ],
  );
}
