import { type Handler, on } from "@stoa/bus/types";
import { type Sql, sql } from "@stoa/db";

/** Organizations and their members, as identity's events tell of them. */
export const organizationHandlers: readonly Handler[] = [
  on("projection", "organization.created", ({ data: { organization_id, name, slug, owner_id } }) => [
    sql`insert into organizations (organization_id, name, slug) values (${organization_id}, ${name}, ${slug})
      on conflict (organization_id) do update set name = excluded.name, slug = excluded.slug`,
    putMember(organization_id, owner_id, "owner"),
  ]),
  on("projection", "organization.updated", ({ data: { organization_id, name, slug } }) => [
    sql`update organizations set name = ${name}, slug = ${slug} where organization_id = ${organization_id}`,
  ]),
  on("projection", "organization.deleted", ({ data: { organization_id } }) => [
    sql`delete from organization_members where organization_id = ${organization_id}`,
    sql`delete from organizations where organization_id = ${organization_id}`,
  ]),
  on("projection", "organization.member_added", ({ data: { organization_id, user_id, role } }) => [
    putMember(organization_id, user_id, role),
  ]),
  on("projection", "organization.member_role_changed", ({ data: { organization_id, user_id, to } }) => [
    putMember(organization_id, user_id, to),
  ]),
  on("projection", "organization.member_removed", ({ data: { organization_id, user_id } }) => [
    sql`delete from organization_members where organization_id = ${organization_id} and user_id = ${user_id}`,
  ]),
  on("projection", "user.erased", ({ data: { user_id } }) => [
    sql`delete from organization_members where user_id = ${user_id}`,
  ]),
];

function putMember(organization_id: string, user_id: string, role: string): Sql {
  return sql`insert into organization_members (organization_id, user_id, role)
    values (${organization_id}, ${user_id}, ${role})
    on conflict (organization_id, user_id) do update set role = excluded.role`;
}
