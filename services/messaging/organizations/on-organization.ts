import { type Handler, on } from "@stoa/bus/types";
import { type Sql, sql } from "@stoa/db";
import type { OrganizationRole } from "@stoa/events";

/** The members of organizations, who see its projects. */
export const organizationHandlers: readonly Handler[] = [
  on("projection", "organization.created", ({ data }) => [put(data.organization_id, data.owner_id, "owner")]),
  on("projection", "organization.deleted", ({ data }) => [
    sql`delete from organization_members where organization_id = ${data.organization_id}`,
  ]),
  on("projection", "organization.member_added", ({ data }) => [put(data.organization_id, data.user_id, data.role)]),
  on("projection", "organization.member_role_changed", ({ data }) => [
    put(data.organization_id, data.user_id, data.to),
  ]),
  on("projection", "organization.member_removed", ({ data }) => [
    sql`delete from organization_members
      where organization_id = ${data.organization_id} and user_id = ${data.user_id}`,
  ]),
  on("projection", "user.erased", ({ data }) => [
    sql`delete from organization_members where user_id = ${data.user_id}`,
  ]),
];

function put(organization_id: string, user_id: string, role: OrganizationRole): Sql {
  return sql`insert into organization_members (organization_id, user_id, role)
    values (${organization_id}, ${user_id}, ${role})
    on conflict (organization_id, user_id) do update set role = excluded.role`;
}
