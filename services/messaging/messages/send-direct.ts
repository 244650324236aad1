import type { Actor } from "@stoa/auth";
import { StoaError } from "@stoa/errors";
import type { Claim } from "@stoa/journal";
import type { AssistantSettings } from "../assistants/settings.ts";
import { readDirect } from "../conversations/open-direct.ts";
import type { PeopleDeps } from "../deps.ts";
import type { NewDirectMessage } from "./schema.ts";
import { type Sent, sendMessage } from "./send.ts";

/**
 * Sends a direct message in one call: opens the conversation with the recipient in the same batch when there is none yet,
 * or the sender has left it.
 *
 * @returns undefined when a guard did not hold that holds by now
 * @throws StoaError as `openDirect` and `sendMessage` do
 */
export async function sendDirect(
  deps: PeopleDeps,
  actor: Actor,
  { recipient_id, ...message }: NewDirectMessage,
  claim: Claim,
  assistants?: AssistantSettings,
): Promise<Sent | undefined> {
  if (recipient_id === actor.user_id) {
    const explanation = "A direct message goes to someone else.";
    throw new StoaError("validation_failed", { errors: [{ path: "/recipient_id", message: explanation }] });
  }
  const { id, opening } = await readDirect(deps, actor, recipient_id);
  try {
    return await sendMessage(deps, actor, id, message, claim, assistants, opening);
  } catch (error) {
    // They have left it meanwhile, from another of their clients: it is opened again.
    if (error instanceof StoaError && error.code === "forbidden") return undefined;
    throw error;
  }
}
