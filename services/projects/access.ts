import type { Actor } from "@stoa/auth";
import { join, raw, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { OrganizationRole, ProjectRole } from "@stoa/events";

/** Roles that may change tasks. */
export const writers: readonly ProjectRole[] = ["owner", "developer"];
/** Roles that may change the project itself. */
export const owners: readonly ProjectRole[] = ["owner"];

/** What the asker may do in a project: a superuser whatever an owner may. Null: they may not see it. */
export function roleOf(actor: Actor, membership: ProjectRole | null): ProjectRole | null {
  return actor.is_superuser ? "owner" : membership;
}

/** What two memberships give in a project: `roleIn`, for who has read both. */
export function roleFrom(
  membership: ProjectRole | null,
  organization_role: OrganizationRole | null,
): ProjectRole | null {
  if (organization_role === "owner" || organization_role === "admin") return "owner";
  return membership ?? (organization_role === null ? null : "viewer");
}

/** @throws StoaError `forbidden` unless the role is one of these. */
export function requireRole(role: ProjectRole, roles: readonly ProjectRole[]): void {
  if (!roles.includes(role))
    throw new StoaError("forbidden", { detail: `This takes the role ${roles.join(" or ")} in the project.` });
}

/** The same as a guard of a command: the asker still has one of these roles when it is written. */
export function hasRole(actor: Actor, project_id: string | Sql, roles: readonly ProjectRole[]): Sql {
  if (actor.is_superuser) return raw("1");
  const { user_id } = actor;
  return sql`(exists (select 1 from members where project_id = ${project_id} and user_id = ${user_id}${among(roles)})
    or exists (select 1 from projects p join organization_members o on o.organization_id = p.organization_id
      where p.id = ${project_id} and o.user_id = ${user_id}${raw(givenBy(roles))}))`;
}

/** The condition that the asker sees a project, as one of these roles. @param project_id a column */
export function seesProject(actor: Actor, project_id: Sql, roles?: readonly ProjectRole[]): Sql {
  if (actor.is_superuser) return raw("1");
  return sql`${project_id} in (${seenProjects(actor.user_id, roles)})`;
}

/** Selects the projects in which a user has one of these roles: as `project_id`, each once. */
export function seenProjects(user_id: string, roles?: readonly ProjectRole[]): Sql {
  return sql`select project_id from members where user_id = ${user_id}${among(roles)}
    union select p.id from organization_members o join projects p on p.organization_id = o.organization_id
      where o.user_id = ${user_id}${raw(givenBy(roles))}`;
}

/**
 * A user's role in a project, null when they have none: owners and admins of its organization are owners of it, its
 * other members look on unless they are members of the project too.
 *
 * @param project_id a column
 * @param organization_id another
 */
export function roleIn(user_id: string, project_id: Sql, organization_id: Sql): Sql {
  const inOrganization = sql`from organization_members where organization_id = ${organization_id}
    and user_id = ${user_id}`;
  return sql`coalesce((select 'owner' ${inOrganization} and role in ('owner', 'admin')),
    (select role from members where project_id = ${project_id} and user_id = ${user_id}),
    (select 'viewer' ${inOrganization}))`;
}

function among(roles: readonly ProjectRole[] | undefined): Sql {
  if (!roles) return raw("");
  return sql` and role in (${join(
    roles.map((role) => sql`${role}`),
    ", ",
  )})`;
}

/** Of members `o` of an organization: those whom it gives one of these roles. */
function givenBy(roles: readonly ProjectRole[] | undefined): string {
  return !roles || roles.includes("viewer") ? "" : " and o.role in ('owner', 'admin')";
}
