import type { Actor } from "@stoa/auth";
import { StoaError } from "@stoa/errors";
import type { IfMatch } from "@stoa/http/etag";
import type { Conversation, ParticipantChange } from "../conversations/schema.ts";
import type { PeopleDeps } from "../deps.ts";
import { addParticipant } from "./add.ts";
import { handOver } from "./hand-over.ts";

/**
 * Adds someone to a group, and says what they are in it. Without a role someone who is in it stays what they are.
 *
 * @throws StoaError as `addParticipant` and `handOver` do; `last_owner` for making its owner a member
 */
export async function putParticipant(
  deps: PeopleDeps,
  actor: Actor,
  id: string,
  user_id: string,
  { role }: ParticipantChange,
  match?: IfMatch,
): Promise<Conversation> {
  const present = await addParticipant(deps, actor, id, user_id, match);
  const theirs = present.participants.find((one) => one.user_id === user_id)?.role;
  if (role === undefined || role === theirs) return present;
  if (role === "member") throw new StoaError("last_owner");
  // Who was added right now has changed the version that the client knew.
  const known = match && !match.any ? { ...match, versions: [present.version] } : match;
  return handOver(deps, actor, id, user_id, known);
}
