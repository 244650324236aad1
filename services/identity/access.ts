import type { Actor } from "@stoa/auth";
import { join, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { OrganizationRole } from "@stoa/events";

/** Roles that may manage members and invitations, and change the organization. */
export const managers: readonly OrganizationRole[] = ["owner", "admin"];
/** Roles that may make owners, and delete the organization. */
export const owners: readonly OrganizationRole[] = ["owner"];

/** What the asker may do in an organization: a superuser whatever an owner may. Null: they may not see it. */
export function roleOf(actor: Actor, membership: OrganizationRole | null): OrganizationRole | null {
  return actor.is_superuser ? "owner" : membership;
}

/** @throws StoaError `forbidden` unless the role is one of these */
export function requireRole(role: OrganizationRole, roles: readonly OrganizationRole[]): void {
  if (roles.includes(role)) return;
  throw new StoaError("forbidden", { detail: `This takes the role ${roles.join(" or ")} in the organization.` });
}

/** Who may give these roles, or take them: an admin makes and unmakes no owners. */
export function managersOf(...roles: readonly OrganizationRole[]): readonly OrganizationRole[] {
  return roles.includes("owner") ? owners : managers;
}

/** The same as a guard of a command: the organization exists, and the asker still has one of these roles. */
export function hasRole(actor: Actor, organization_id: string, roles: readonly OrganizationRole[]): Sql {
  if (actor.is_superuser) return sql`exists (select 1 from organizations where id = ${organization_id})`;
  const list = join(
    roles.map((role) => sql`${role}`),
    ", ",
  );
  return sql`exists (select 1 from organization_members where organization_id = ${organization_id}
    and user_id = ${actor.user_id} and role in (${list}))`;
}
