import type { Actor } from "@stoa/auth";
import { StoaError } from "@stoa/errors";
import { command, type Part, retrying } from "@stoa/journal";
import { access, permissionToGive, requireAccess } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { organizationExists, organizationName, readOrganization } from "../organizations/read.ts";
import { readInvitation, setStatus, stillOpen } from "./read.ts";

/**
 * Revokes an invitation: its token is worth nothing any more. One that was revoked or has expired stays as it is.
 *
 * @throws StoaError `not_found`, `forbidden`, `invitation_accepted`.
 */
export async function revokeInvitation(
  deps: StoreDeps,
  actor: Actor,
  organization_id: string,
  id: string,
): Promise<void> {
  const { db } = deps;
  await retrying(db, `invitation ${id}`, async () => {
    const { role, status } = await readInvitation(deps, actor, organization_id, id);
    const organization = await readOrganization(db, actor, organization_id);
    const permission = permissionToGive(role);
    requireAccess(organization.role, permission);
    if (status === "accepted") throw new StoaError("invitation_accepted");
    if (status !== "pending") return true;
    const now = deps.now();
    const revoked: Part = { effects: (happened) => [setStatus(id, "revoked", happened)] };
    return command(
      db,
      actor.cause,
      {
        type: "organization.invitation_revoked",
        aggregate_id: organization_id,
        entity_id: id,
        organization_id,
        time: now.toISOString(),
        data: { organization_id, name: organizationName(organization_id), invitation_id: id },
      },
      [organizationExists(organization_id), access(actor, permission, organization_id), stillOpen(id, now), revoked],
    );
  });
}
