import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { append, commit } from "@stoa/journal";
import type { UseCaseDeps } from "../deps.ts";
import { conversationIn, selectConversation, takesPart } from "./read.ts";
import type { Conversation } from "./schema.ts";

/**
 * Moves one's read mark to a `seq`: never back, never past the end.
 *
 * @throws StoaError `not_found`
 */
export async function markRead(
  { db, now }: UseCaseDeps,
  actor: Actor,
  conversation_id: string,
  seq: number,
): Promise<Conversation> {
  const { user_id } = actor;
  const mark = sql`min(${seq}, (select last_seq from conversations where id = ${conversation_id}))`;
  const mine = sql`conversation_id = ${conversation_id} and user_id = ${user_id}`;
  const moved = append(
    actor.cause,
    {
      type: "read.moved",
      aggregate_id: conversation_id,
      entity_id: user_id,
      time: now().toISOString(),
      data: { conversation_id, user_id, seq: mark },
    },
    sql`${takesPart(user_id, conversation_id)} and exists (
      select 1 from participants where ${mine} and read_seq < ${mark})`,
  );
  const effect = sql`update participants set read_seq = ${mark} where ${mine} and ${moved.happened}`;
  const { rows } = await commit(db, moved, [effect], selectConversation(user_id, conversation_id));
  return conversationIn(rows);
}
