import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type IfMatch, sameVersion } from "@stoa/http/etag";
import { append, command, type Part } from "@stoa/journal";
import { access } from "../access.ts";
import { mayAdd } from "../blocks/condition.ts";
import { conversationFor } from "../conversations/read.ts";
import { selectConversation } from "../conversations/row.ts";
import type { Conversation, Participant } from "../conversations/schema.ts";
import { conversations } from "../conversations/table.ts";
import { updateConversation } from "../conversations/update.ts";
import type { PeopleDeps } from "../deps.ts";
import { findUsers, stillThere } from "../directory/lookup.ts";
import { addedToGroup } from "../notifications/added-to-group.ts";
import { GROUP_SIZE } from "./group-size.ts";
import { makeOwner, ownerChanged } from "./hand-over.ts";
import { insertParticipant } from "./insert.ts";

/**
 * Adds someone to a group, and hands it over to them in the same batch if they are to own it: that is an event of its own.
 *
 * @param present the group as it was read, without them
 * @returns undefined when they were added meanwhile
 * @throws StoaError `not_found` for the conversation or the user, `forbidden`, `blocked` by the user, `group_full`,
 *   `version_conflict`
 */
export async function addParticipant(
  deps: PeopleDeps,
  actor: Actor,
  present: Conversation,
  user_id: string,
  role: Participant["role"],
  match?: IfMatch,
): Promise<Conversation | undefined> {
  const { db, now } = deps;
  const { id } = present;
  await findUsers(deps, { ids: [user_id] });
  const time = now().toISOString();
  const added: Part = {
    guard: sql`not exists (select 1 from participants where conversation_id = ${id} and user_id = ${user_id})`,
    effects: (happened) => [
      insertParticipant(id, user_id, "member", time, happened),
      updateConversation(id, time, {}, happened),
    ],
  };
  const told = addedToGroup({ cause: actor.cause, time, conversation_id: id, user_ids: [user_id] });
  const handed: Part = {
    effects: (happened) => {
      const changed = append(actor.cause, ownerChanged(id, user_id, time), happened);
      return [changed.statement, makeOwner(id, user_id, changed.happened)];
    },
  };
  const rows = await command(
    db,
    actor.cause,
    {
      type: "conversation.participant_added",
      aggregate_id: id,
      entity_id: user_id,
      time,
      data: { conversation_id: id, user_id },
    },
    [
      ...access(actor, "manage", id),
      sameVersion(match, conversations, present),
      stillThere([user_id]),
      mayAdd(actor.user_id, [user_id]),
      room(id),
      added,
      told,
      ...(role === "owner" ? [handed] : []),
    ],
    selectConversation(actor.user_id, id),
  );
  return rows && conversationFor(actor, rows[0], "read");
}

/** The part of a command that a group has room for one more. */
function room(conversation_id: string): Part {
  return {
    guard: sql`(select count(*) from participants where conversation_id = ${conversation_id}) < ${GROUP_SIZE}`,
    why: () => new StoaError("group_full"),
  };
}
