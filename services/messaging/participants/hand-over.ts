import type { Actor } from "@stoa/auth";
import { type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type IfMatch, sameVersion } from "@stoa/http/etag";
import { command, type NewEvent, type Part } from "@stoa/journal";
import { access } from "../access.ts";
import { conversationFor } from "../conversations/read.ts";
import { selectConversation } from "../conversations/row.ts";
import type { Conversation } from "../conversations/schema.ts";
import { conversations } from "../conversations/table.ts";
import { updateConversation } from "../conversations/update.ts";
import type { StoreDeps } from "../deps.ts";

/**
 * Makes a participant the owner of a group. There is one owner: whoever was it becomes a member.
 *
 * @param present the group as it was read, with them as a member
 * @returns undefined when they are none any more, or the owner already
 * @throws StoaError `not_found` for the conversation, and for someone who was erased; `forbidden`, `version_conflict`
 */
export async function handOver(
  { db, now }: StoreDeps,
  actor: Actor,
  present: Conversation,
  user_id: string,
  match?: IfMatch,
): Promise<Conversation | undefined> {
  const { id } = present;
  const time = now().toISOString();
  const there: Part = {
    guard: sql`exists (select 1 from directory where user_id = ${user_id} and erased_at is null)`,
    why: () => new StoaError("not_found", { detail: "There is no such participant." }),
  };
  const handed: Part = {
    guard: sql`exists (select 1 from participants
      where conversation_id = ${id} and user_id = ${user_id} and role = 'member')`,
    effects: (happened) => [makeOwner(id, user_id, happened), updateConversation(id, time, {}, happened)],
  };
  const rows = await command(
    db,
    actor.cause,
    ownerChanged(id, user_id, time),
    [...access(actor, "manage", id), sameVersion(match, conversations, present), there, handed],
    selectConversation(actor.user_id, id),
  );
  return rows && conversationFor(actor, rows[0], "read");
}

/** The event of it. */
export function ownerChanged(
  conversation_id: string,
  user_id: string,
  time: string,
): NewEvent<"conversation.owner_changed"> {
  return {
    type: "conversation.owner_changed",
    aggregate_id: conversation_id,
    time,
    data: { conversation_id, user_id },
  };
}

/** A participant is the owner, and nobody else is. */
export function makeOwner(conversation_id: string, user_id: string, happened: Sql): Sql {
  return sql`update participants set role = case when user_id = ${user_id} then 'owner' else 'member' end
    where conversation_id = ${conversation_id} and (user_id = ${user_id} or role = 'owner') and ${happened}`;
}
