import type { Actor } from "@stoa/auth";
import { join, listed, raw, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { OrganizationRole } from "@stoa/events";
import type { Part } from "@stoa/journal";
import type { Column } from "drizzle-orm";

/**
 * What a user may do in an organization, by their role there. Every right of this service is one of these, beside those of
 * superusers, which their routes declare: `requireAccess` checks it on what was read, `access` guards a command with it,
 * `accessible` narrows a list to it.
 */
export type Permission = keyof typeof rolesWith;

const rolesWith = {
  /** See the organization and its members. */
  read: ["owner", "admin", "member"],
  /** Change the organization; see, add, change and remove members and invitations. */
  manage: ["owner", "admin"],
  /** The same for owners; delete the organization. */
  own: ["owner"],
} as const satisfies Record<string, readonly OrganizationRole[]>;

/** Whether a role gives a permission. Null: no role at all. */
export function allows(role: OrganizationRole | null, permission: Permission): role is OrganizationRole {
  const roles: readonly (OrganizationRole | null)[] = rolesWith[permission];
  return roles.includes(role);
}

/** @throws StoaError `forbidden` unless the role gives the permission */
export function requireAccess(role: OrganizationRole | null, permission: Permission): asserts role is OrganizationRole {
  if (!allows(role, permission)) throw forbidden(permission);
}

/** The part of a command that its user still has the permission in the organization. */
export function access(actor: Actor, permission: Permission, organization_id: string): Part {
  return { guard: accessible(actor, permission, sql`${organization_id}`), why: () => forbidden(permission) };
}

/** The condition that a user has the permission in an organization. @param organization_id a column, or a value in SQL */
export function accessible(actor: Actor, permission: Permission, organization_id: Column | Sql): Sql {
  if (actor.is_superuser) return raw("1");
  return sql`${organization_id} in (select organization_id from organization_members
    where user_id = ${actor.user_id} and role in ${listed(rolesWith[permission])})`;
}

/** A user's role in an organization, in SQL; a superuser may do whatever an owner may. Null: none. */
export function roleIn(actor: Actor, organization_id: Column): Sql {
  if (actor.is_superuser) return raw("'owner'");
  return sql`(select role from organization_members
    where organization_id = ${organization_id} and user_id = ${actor.user_id})`;
}

/**
 * The condition that someone may give a role in an organization now, whatever they could when they did. All three are
 * columns of a row, an invitation say, or values in SQL.
 */
export function mayGive(user_id: Column | Sql, organization_id: Column | Sql, role: Column | Sql): Sql {
  const roles = (permission: Permission) => sql`m.role in ${listed(rolesWith[permission])}`;
  const given = (["owner", "admin", "member"] as const).map(
    (to) => sql`(${role} = ${to} and ${roles(permissionToGive(to))})`,
  );
  return sql`exists (select 1 from users u where u.id = ${user_id} and u.is_active = 1 and (u.is_superuser = 1
    or exists (select 1 from organization_members m where m.organization_id = ${organization_id} and m.user_id = u.id
      and (${join(given, " or ")}))))`;
}

/** The permission that it takes to give these roles, or to take them: an admin makes and unmakes no owners. */
export function permissionToGive(...roles: readonly OrganizationRole[]): Permission {
  return roles.includes("owner") ? "own" : "manage";
}

function forbidden(permission: Permission): StoaError {
  const detail =
    permission === "read"
      ? "You are not a member of this organization."
      : `You need the role ${rolesWith[permission].join(" or ")} in this organization.`;
  return new StoaError("forbidden", { detail });
}
