import type { Actor } from "@stoa/auth";
import { StoaError } from "@stoa/errors";
import type { Claim } from "@stoa/journal";
import { openDirect } from "../conversations/open-direct.ts";
import type { UseCaseDeps } from "../deps.ts";
import { type NewMessage, type Sent, sendMessage } from "./send.ts";

/**
 * Sends a direct message in one call: opens the conversation with the recipient when there is none yet.
 *
 * @throws StoaError as `openDirect` and `sendMessage` do
 */
export async function sendDirect(
  deps: UseCaseDeps,
  actor: Actor,
  { recipient_id, ...message }: NewMessage & { readonly recipient_id: string },
  claim: Claim | null,
): Promise<Sent> {
  if (recipient_id === actor.user_id) {
    const explanation = "A direct message goes to someone else.";
    throw new StoaError("validation_failed", { errors: [{ path: "/recipient_id", message: explanation }] });
  }
  const { conversation } = await openDirect(deps, actor, recipient_id, null);
  return sendMessage(deps, actor, conversation.id, message, claim);
}
