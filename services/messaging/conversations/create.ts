import type { Actor } from "@stoa/auth";
import { insertRow, newId } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Claim, command, notErased, type Part } from "@stoa/journal";
import { mayAdd } from "../blocks/condition.ts";
import type { PeopleDeps, StoreDeps } from "../deps.ts";
import { findUsers, stillThere } from "../directory/lookup.ts";
import { addedToGroup } from "../notifications/added-to-group.ts";
import { GROUP_SIZE } from "../participants/group-size.ts";
import { insertMembers, insertParticipant } from "../participants/insert.ts";
import { type Opened, openDirect } from "./open-direct.ts";
import { conversationFor } from "./read.ts";
import { selectConversation } from "./row.ts";
import type { NewConversation } from "./schema.ts";
import { conversations } from "./table.ts";

/**
 * Creates a conversation. The user who creates it is always in it, named or not.
 *
 * @returns undefined when someone else opened the direct conversation meanwhile
 * @throws StoaError `not_found` for the people, `validation_failed`, `blocked` by one of them
 */
export async function createConversation(
  deps: PeopleDeps,
  actor: Actor,
  asked: NewConversation,
  claim: Claim,
): Promise<Opened | undefined> {
  const { type, title = null } = asked;
  const others = (await namedBy(deps, asked)).filter((user_id) => user_id !== actor.user_id);
  if (type === "group" && others.length >= GROUP_SIZE) {
    throw invalid("/participant_ids", `A group has ${GROUP_SIZE} participants at most.`);
  }
  if (type === "group") return createGroup(deps, actor, title, others, claim);
  const [other] = others;
  if (other === undefined || others.length > 1) {
    throw invalid("/participant_ids", "A direct conversation is with exactly one other person.");
  }
  if (title !== null) throw invalid("/title", "A direct conversation has no title.");
  return openDirect(deps, actor, other, claim);
}

/**
 * The users that a request names, each once. Ids of a direct conversation are not looked up yet: the one that there is stays
 * the same when the other one was erased, and a new one is only opened with somebody who is there.
 */
async function namedBy(deps: PeopleDeps, { type, participant_ids, usernames = [] }: NewConversation) {
  if (type === "direct" && usernames.length === 0) return [...new Set(participant_ids)];
  return findUsers(deps, { ids: participant_ids, usernames });
}

/** The user who creates a group owns it. */
async function createGroup(
  { db, now }: StoreDeps,
  actor: Actor,
  title: string | null,
  others: readonly string[],
  claim: Claim,
): Promise<Opened | undefined> {
  const id = newId();
  const time = now().toISOString();
  const created: Part = {
    effects: (happened) => [
      insertRow(conversations, { id, type: "group", title, created_at: time, updated_at: time }, happened),
      insertParticipant(id, actor.user_id, "owner", time, happened),
      insertMembers(id, others, time, happened),
    ],
  };
  const told = addedToGroup({ cause: actor.cause, time, conversation_id: id, user_ids: others });
  const rows = await command(
    db,
    actor.cause,
    {
      type: "conversation.created",
      aggregate_id: id,
      time,
      data: { conversation_id: id, kind: "group", project_id: null, participant_ids: [actor.user_id, ...others] },
    },
    [notErased(actor), stillThere(others), mayAdd(actor.user_id, others), claim(id), created, told],
    selectConversation(actor.user_id, id),
  );
  return rows && { conversation: conversationFor(actor, rows[0], "read"), made: true };
}

function invalid(path: string, message: string): StoaError {
  return new StoaError("validation_failed", { errors: [{ path, message }] });
}
