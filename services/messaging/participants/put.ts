import type { Actor } from "@stoa/auth";
import { StoaError } from "@stoa/errors";
import { type IfMatch, requireMatch } from "@stoa/http/etag";
import { retrying } from "@stoa/journal";
import { accessGroup } from "../conversations/read.ts";
import type { Conversation, ParticipantChange } from "../conversations/schema.ts";
import type { PeopleDeps } from "../deps.ts";
import { addParticipant } from "./add.ts";
import { handOver } from "./hand-over.ts";

/**
 * Adds someone to a group, and says what they are in it. Without a role someone who is in it stays what they are.
 *
 * @throws StoaError `not_found` for the conversation or the user, `forbidden`, `managed_by_project`, `blocked` by the user,
 *   `group_full`, `version_conflict`; `last_owner` for making its owner a member
 */
export function putParticipant(
  deps: PeopleDeps,
  actor: Actor,
  id: string,
  user_id: string,
  { role }: ParticipantChange,
  match?: IfMatch,
): Promise<Conversation> {
  return retrying(deps.db, `conversation ${id}`, async () => {
    const present = await accessGroup(deps.db, actor, id);
    requireMatch(match, present);
    const them = present.participants.find((one) => one.user_id === user_id);
    if (!them) return addParticipant(deps, actor, present, user_id, role ?? "member", match);
    if (role === undefined || role === them.role) return present;
    if (role === "member") throw new StoaError("last_owner");
    return handOver(deps, actor, present, user_id, match);
  });
}
