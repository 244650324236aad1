import type { Actor } from "@stoa/auth";
import { markRead } from "../conversations/mark-read.ts";
import type { UseCaseDeps } from "../deps.ts";
import { readMessage } from "./read.ts";
import type { Message } from "./schema.ts";

/**
 * Has read a message, and with it everything before it.
 *
 * @throws StoaError `not_found`
 */
export async function readUpTo(deps: UseCaseDeps, actor: Actor, message_id: string): Promise<Message> {
  const { conversation_id, seq } = await readMessage(deps.db, actor.user_id, message_id);
  await markRead(deps, actor, conversation_id, seq);
  return readMessage(deps.db, actor.user_id, message_id);
}
