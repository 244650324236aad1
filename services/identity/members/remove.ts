import type { Actor } from "@stoa/auth";
import { all, sql, violates } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { append, commit, retrying } from "@stoa/journal";
import { hasRole, managers, managersOf, requireRole } from "../access.ts";
import type { Deps } from "../deps.ts";
import { readOrganization } from "../organizations/read.ts";
import { touchOrganization } from "../organizations/version.ts";
import { anOwnerStays } from "./last-owner.ts";
import { isMember, type MemberRow, noSuchMember, selectMember } from "./read.ts";

/**
 * Takes someone out of an organization: a manager others, anyone themselves.
 *
 * @throws StoaError `not_found`, `forbidden`, `last_owner`
 */
export async function removeMember(
  { db, now }: Deps,
  actor: Actor,
  organization_id: string,
  user_id: string,
): Promise<void> {
  const leaving = user_id === actor.user_id;
  await retrying(async () => {
    const organization = await readOrganization(db, actor, organization_id);
    const [member] = await db.query<MemberRow>(selectMember(organization_id, user_id));
    if (!leaving) requireRole(organization.role, managers);
    if (!member) throw noSuchMember();
    const { role } = member;
    if (!leaving) requireRole(organization.role, managersOf(role));
    const time = now().toISOString();
    const event = append(
      actor.cause,
      {
        type: "organization.member_removed",
        aggregate_id: organization_id,
        entity_id: user_id,
        organization_id,
        time,
        data: { organization_id, name: organization.name, user_id, role },
      },
      all([
        isMember(organization_id, user_id, role),
        ...(leaving ? [] : [hasRole(actor, organization_id, managersOf(role))]),
      ]),
    );
    try {
      const { applied } = await commit(db, event, [
        sql`delete from organization_members
          where organization_id = ${organization_id} and user_id = ${user_id} and ${event.happened}`,
        touchOrganization(organization_id, time, event.happened),
        ...(role === "owner" ? [anOwnerStays(organization_id, event.happened)] : []),
      ]);
      return applied || undefined;
    } catch (error) {
      if (violates(error, "last_owner")) throw new StoaError("last_owner", { cause: error });
      throw error;
    }
  });
}
