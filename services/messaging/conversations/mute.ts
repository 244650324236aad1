import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import type { StoreDeps } from "../deps.ts";
import { changeOwn } from "../participants/change-own.ts";
import type { Conversation } from "./schema.ts";

/**
 * Mutes a conversation for the user, or no longer. Nobody else sees it.
 *
 * @throws StoaError `not_found`, `forbidden`
 */
export function muteConversation(deps: StoreDeps, actor: Actor, id: string, muted: boolean): Promise<Conversation> {
  return changeOwn(deps, actor, id, {
    event: {
      type: muted ? "conversation.muted" : "conversation.unmuted",
      data: { conversation_id: id, user_id: actor.user_id },
    },
    set: { muted: Number(muted) },
    when: sql`muted <> ${muted}`,
  });
}
