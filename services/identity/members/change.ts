import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { refuseReadOnly } from "@stoa/http/patch";
import { command, type Part, retrying } from "@stoa/journal";
import { access, permissionToGive, requireAccess } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { invitationsLapse, noLongerBackedBy } from "../invitations/lapse.ts";
import { organizationExists, organizationName, readOrganization } from "../organizations/read.ts";
import type { MemberPatch, OrganizationMember } from "../organizations/schema.ts";
import { countsAsChange } from "../organizations/version.ts";
import { keepsAnOwner } from "./last-owner.ts";
import { hasRole, requireMember, selectMember, shapeMember } from "./read.ts";

/**
 * Gives a member another role. Open invitations of theirs to a role that they may no longer give lapse. The same again
 * changes nothing.
 *
 * @throws StoaError `not_found`, `forbidden`, `last_owner`, `validation_failed` for read-only fields.
 */
export function changeMember(
  { db, now }: StoreDeps,
  actor: Actor,
  organization_id: string,
  user_id: string,
  patch: MemberPatch,
): Promise<OrganizationMember> {
  return retrying(db, `organization ${organization_id}`, async () => {
    const organization = await readOrganization(db, actor, organization_id);
    const member = await requireMember(db, organization_id, user_id);
    requireAccess(organization.role, "manage");
    refuseReadOnly(member, patch, ["role"]);
    const { role: from } = member;
    const to = patch.role ?? from;
    if (from === to) return member;
    const permission = permissionToGive(from, to);
    requireAccess(organization.role, permission);
    const time = now().toISOString();
    const changed: Part = {
      effects: (happened) => [
        sql`update organization_members set role = ${to}
          where organization_id = ${organization_id} and user_id = ${user_id} and ${happened}`,
      ],
    };
    const rows = await command(
      db,
      actor.cause,
      {
        type: "organization.member_role_changed",
        aggregate_id: organization_id,
        entity_id: user_id,
        organization_id,
        time,
        data: { organization_id, name: organizationName(organization_id), user_id, from, to },
      },
      [
        organizationExists(organization_id),
        access(actor, permission, organization_id),
        hasRole(organization_id, user_id, from),
        changed,
        invitationsLapse(actor.cause, noLongerBackedBy(user_id), time),
        countsAsChange(organization_id, time),
        ...(from === "owner" ? [keepsAnOwner(organization_id)] : []),
      ],
      selectMember(organization_id, user_id),
    );
    return rows?.[0] && shapeMember(rows[0]);
  });
}
