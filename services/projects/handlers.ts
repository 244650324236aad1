import { revocationHandlers } from "@stoa/auth/revocation-handlers";
import type { Handler } from "@stoa/bus/types";
import { directoryHandlers } from "./directory/on-user.ts";
import { erasureHandlers } from "./members/on-user-erased.ts";
import { offboardingHandlers } from "./organizations/on-member-removed.ts";
import { organizationHandlers } from "./organizations/on-organization.ts";
import { deletionHandlers } from "./organizations/on-organization-deleted.ts";
import { superuserHandlers } from "./sync/everything.ts";

/**
 * What the service does with other services' events: the directory, the organizations and the revocations are
 * projections; the end of memberships, of an erased user and of someone who left an organization, and of a deleted
 * organization's projects, and what superusers' next changes tell them, are reactions.
 *
 * @param accessTokenSeconds how long access tokens live
 */
export function handlers(accessTokenSeconds: number): readonly Handler[] {
  return [
    ...directoryHandlers,
    ...organizationHandlers,
    ...erasureHandlers,
    ...offboardingHandlers,
    ...deletionHandlers,
    ...superuserHandlers,
    ...revocationHandlers(accessTokenSeconds),
  ];
}
