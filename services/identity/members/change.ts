import type { Actor } from "@stoa/auth";
import { all, sql, violates } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { refuseReadOnly } from "@stoa/http";
import { append, commit, retrying } from "@stoa/journal";
import type { Static } from "elysia";
import { hasRole, managers, managersOf, requireRole } from "../access.ts";
import type { Deps } from "../deps.ts";
import { readOrganization } from "../organizations/read.ts";
import type { MemberPatch, OrganizationMember } from "../organizations/schema.ts";
import { touchOrganization } from "../organizations/version.ts";
import { anOwnerStays } from "./last-owner.ts";
import { isMember, type MemberRow, noSuchMember, selectMember, shapeMember } from "./read.ts";

/**
 * Gives a member another role. The same again changes nothing.
 *
 * @throws StoaError `not_found`, `forbidden`, `last_owner`, `validation_failed` for read-only fields
 */
export async function changeMember(
  { db, now }: Deps,
  actor: Actor,
  organization_id: string,
  user_id: string,
  patch: Static<typeof MemberPatch>,
): Promise<OrganizationMember> {
  return retrying(async () => {
    const organization = await readOrganization(db, actor, organization_id);
    const [row] = await db.query<MemberRow>(selectMember(organization_id, user_id));
    if (!row) throw noSuchMember();
    requireRole(organization.role, managers);
    const member = shapeMember(row);
    refuseReadOnly(member, patch, ["role"]);
    const { role: from } = member;
    const to = patch.role ?? from;
    if (from === to) return member;
    requireRole(organization.role, managersOf(from, to));
    const time = now().toISOString();
    const event = append(
      actor.cause,
      {
        type: "organization.member_role_changed",
        aggregate_id: organization_id,
        entity_id: user_id,
        organization_id,
        time,
        data: { organization_id, name: organization.name, user_id, from, to },
      },
      all([hasRole(actor, organization_id, managersOf(from, to)), isMember(organization_id, user_id, from)]),
    );
    const effects = [
      sql`update organization_members set role = ${to}
        where organization_id = ${organization_id} and user_id = ${user_id} and ${event.happened}`,
      touchOrganization(organization_id, time, event.happened),
      ...(from === "owner" ? [anOwnerStays(organization_id, event.happened)] : []),
    ];
    try {
      const { applied, rows } = await commit<MemberRow>(db, event, effects, selectMember(organization_id, user_id));
      return applied && rows[0] ? shapeMember(rows[0]) : undefined;
    } catch (error) {
      if (violates(error, "last_owner")) throw new StoaError("last_owner", { cause: error });
      throw error;
    }
  });
}
