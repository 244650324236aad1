import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { append, commit } from "@stoa/journal";
import type { UseCaseDeps } from "../deps.ts";
import { conversationIn, selectConversation, takesPart } from "./read.ts";
import type { Conversation } from "./schema.ts";

/**
 * Mutes a conversation for the one who asks, or lets it be heard again. Nobody else sees it.
 *
 * @throws StoaError `not_found`
 */
export async function muteConversation(
  { db, now }: UseCaseDeps,
  actor: Actor,
  id: string,
  muted: boolean,
): Promise<Conversation> {
  const mine = sql`conversation_id = ${id} and user_id = ${actor.user_id}`;
  const changed = append(
    actor.cause,
    {
      type: muted ? "conversation.muted" : "conversation.unmuted",
      aggregate_id: id,
      entity_id: actor.user_id,
      time: now().toISOString(),
      data: { conversation_id: id, user_id: actor.user_id },
    },
    sql`${takesPart(actor.user_id, id)} and exists (select 1 from participants where ${mine} and muted <> ${muted})`,
  );
  const effect = sql`update participants set muted = ${muted} where ${mine} and ${changed.happened}`;
  const { rows } = await commit(db, changed, [effect], selectConversation(actor.user_id, id));
  return conversationIn(rows);
}
