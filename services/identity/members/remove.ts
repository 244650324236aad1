import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { command, type Part, retrying } from "@stoa/journal";
import { access, permissionToGive, requireAccess } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { invitationsLapse, noLongerBackedBy, sentTo } from "../invitations/lapse.ts";
import { organizationExists, organizationName, readOrganization } from "../organizations/read.ts";
import { countsAsChange } from "../organizations/version.ts";
import { keepsAnOwner } from "./last-owner.ts";
import { hasRole, requireMember } from "./read.ts";

/**
 * Takes someone out of an organization: an owner or admin others, anyone themselves. Open invitations lapse that they sent,
 * unless they may still give the role as a superuser, and one that was sent to them.
 *
 * @throws StoaError `not_found`, `forbidden`, `last_owner`.
 */
export async function removeMember(
  { db, now }: StoreDeps,
  actor: Actor,
  organization_id: string,
  user_id: string,
): Promise<void> {
  const leaving = user_id === actor.user_id;
  await retrying(db, `organization ${organization_id}`, async () => {
    const organization = await readOrganization(db, actor, organization_id);
    if (!leaving) requireAccess(organization.role, "manage");
    const { role } = await requireMember(db, organization_id, user_id);
    const permission = permissionToGive(role);
    if (!leaving) requireAccess(organization.role, permission);
    const time = now().toISOString();
    const removed: Part = {
      effects: (happened) => [
        sql`delete from organization_members
          where organization_id = ${organization_id} and user_id = ${user_id} and ${happened}`,
      ],
    };
    return command(
      db,
      actor.cause,
      {
        type: "organization.member_removed",
        aggregate_id: organization_id,
        entity_id: user_id,
        organization_id,
        time,
        data: { organization_id, name: organizationName(organization_id), user_id, role },
      },
      [
        organizationExists(organization_id),
        ...(leaving ? [] : [access(actor, permission, organization_id)]),
        hasRole(organization_id, user_id, role),
        removed,
        // Each is found by an index of its own.
        invitationsLapse(actor.cause, noLongerBackedBy(user_id), time),
        invitationsLapse(actor.cause, sentTo(user_id, organization_id), time),
        countsAsChange(organization_id, time),
        ...(role === "owner" ? [keepsAnOwner(organization_id)] : []),
      ],
    );
  });
}
