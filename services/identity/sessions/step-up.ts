import type { Actor } from "@stoa/auth";
import { StoaError } from "@stoa/errors";
import type { Deps } from "../deps.ts";

/** Seconds for which a proof is fresh enough for changes that could lock the user out. */
const FRESH_SECONDS = 600;

/**
 * Requires that the user has proven recently who they are: the token alone may be stolen.
 *
 * @throws StoaError `step_up_required` when the last proof is more than ten minutes old
 */
export function requireStepUp({ now }: Pick<Deps, "now">, { auth_time }: Pick<Actor, "auth_time">): void {
  if (now().getTime() / 1_000 - auth_time > FRESH_SECONDS) throw new StoaError("step_up_required");
}
