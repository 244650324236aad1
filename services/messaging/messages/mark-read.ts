import type { Actor } from "@stoa/auth";
import { markRead } from "../conversations/mark-read.ts";
import type { StoreDeps } from "../deps.ts";
import { readMessage } from "./read.ts";
import type { Message } from "./schema.ts";

/**
 * Marks a message as read, and with it everything before it.
 *
 * @throws StoaError `not_found`, `forbidden`
 */
export async function readUpTo(deps: StoreDeps, actor: Actor, message_id: string): Promise<Message> {
  const { conversation_id, seq } = await readMessage(deps.db, actor, message_id);
  await markRead(deps, actor, conversation_id, seq);
  return readMessage(deps.db, actor, message_id);
}
