import { revocationHandlers } from "@stoa/auth/revocation-handlers";
import type { Handler } from "@stoa/bus/types";
import { directoryHandlers } from "./directory/on-user.ts";
import { erasureHandlers } from "./members/on-user-erased.ts";

/**
 * What the service does with other services' events: the directory and the revocations are projections, the end of
 * an erased user's memberships is a reaction.
 *
 * @param accessTokenSeconds how long access tokens live
 */
export function handlers(accessTokenSeconds: number): readonly Handler[] {
  return [...directoryHandlers, ...erasureHandlers, ...revocationHandlers(accessTokenSeconds)];
}
