import type { Actor } from "@stoa/auth";
import { StoaError } from "@stoa/errors";
import type { Claim } from "@stoa/journal";
import type { UseCaseDeps } from "../deps.ts";
import { findUsers } from "../directory/lookup.ts";
import { createGroup } from "./create-group.ts";
import { type Opened, openDirect } from "./open-direct.ts";

/** What is asked for when a conversation is created. */
export interface NewConversation {
  readonly type: "direct" | "group";
  readonly participant_ids?: readonly string[] | undefined;
  readonly usernames?: readonly string[] | undefined;
  readonly title?: string | null | undefined;
}

/**
 * Creates a conversation. The one who asks is always in it, named or not.
 *
 * @throws StoaError `not_found`, `validation_failed`
 */
export async function createConversation(
  deps: UseCaseDeps,
  actor: Actor,
  { type, participant_ids, usernames, title = null }: NewConversation,
  claim: Claim | null,
): Promise<Opened> {
  const named = await findUsers(deps, { ids: participant_ids, usernames });
  const others = named.filter((user_id) => user_id !== actor.user_id);
  if (type === "group") {
    return { conversation: await createGroup(deps, actor, { title, user_ids: others }, claim), made: true };
  }
  const [other] = others;
  if (other === undefined || others.length > 1) {
    const message = "A direct conversation is with exactly one other person.";
    throw new StoaError("validation_failed", { errors: [{ path: "/participant_ids", message }] });
  }
  if (title !== null) {
    const message = "A direct conversation has no title.";
    throw new StoaError("validation_failed", { errors: [{ path: "/title", message }] });
  }
  return openDirect(deps, actor, other, claim);
}
