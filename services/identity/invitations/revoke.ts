import type { Actor } from "@stoa/auth";
import { all, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, commit, retrying } from "@stoa/journal";
import { hasRole, managersOf, requireRole } from "../access.ts";
import type { Deps } from "../deps.ts";
import { readOrganization } from "../organizations/read.ts";
import { isOpen, readInvitation } from "./read.ts";

/**
 * Takes an invitation back: its token is worth nothing any more. One that was revoked or has expired stays as it is.
 *
 * @throws StoaError `not_found`, `forbidden`, `invitation_accepted`
 */
export async function revokeInvitation(deps: Deps, actor: Actor, organization_id: string, id: string): Promise<void> {
  await retrying(async () => {
    const { role, status } = await readInvitation(deps, actor, organization_id, id);
    const organization = await readOrganization(deps.db, actor, organization_id);
    requireRole(organization.role, managersOf(role));
    if (status === "accepted") throw new StoaError("invitation_accepted");
    if (status !== "pending") return true;
    const now = deps.now();
    const event = append(
      actor.cause,
      {
        type: "organization.invitation_revoked",
        aggregate_id: organization_id,
        entity_id: id,
        organization_id,
        time: now.toISOString(),
        data: { organization_id, name: organization.name, invitation_id: id },
      },
      all([
        hasRole(actor, organization_id, managersOf(role)),
        sql`exists (select 1 from invitations where id = ${id} and ${isOpen(now)})`,
      ]),
    );
    const revoke = sql`update invitations set status = 'revoked' where id = ${id} and ${event.happened}`;
    return (await commit(deps.db, event, [revoke])).applied || undefined;
  });
}
