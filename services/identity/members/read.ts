import type { Actor } from "@stoa/auth";
import { type Database, type RowOf, type Select, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { OrganizationRole } from "@stoa/events";
import type { Part } from "@stoa/journal";
import { alias } from "drizzle-orm/sqlite-core";
import { readOrganization } from "../organizations/read.ts";
import type { OrganizationMember } from "../organizations/schema.ts";
import { organizationMembers } from "../organizations/table.ts";
import { users } from "../users/table.ts";

/** Memberships, as {@link memberColumns} and the conditions of lists name them. */
export const m = alias(organizationMembers, "m");
const u = alias(users, "u");

/** The columns of a member: the membership, and the user's names. */
export const memberColumns = {
  user_id: m.user_id,
  username: u.username,
  full_name: u.full_name,
  role: m.role,
  is_active: u.is_active,
  joined_at: m.joined_at,
};
/** Where they are read from. */
export const membersWithNames = sql`${m} join ${u} on ${u.id} = ${m.user_id}`;

/** A member as it is read. */
export type MemberRow = RowOf<typeof memberColumns>;

/** One member. */
export function selectMember(organization_id: string, user_id: string): Select<MemberRow> {
  return select(
    memberColumns,
    sql`from ${membersWithNames} where ${m.organization_id} = ${organization_id} and ${m.user_id} = ${user_id}`,
  );
}

/** A row as it goes over the wire. */
export function shapeMember(row: MemberRow): OrganizationMember {
  return { ...row, is_active: row.is_active === 1 };
}

/** A member of an organization that the user sees. @throws StoaError `not_found`, `forbidden`. */
export async function readMember(
  db: Database,
  actor: Actor,
  organization_id: string,
  user_id: string,
): Promise<OrganizationMember> {
  await readOrganization(db, actor, organization_id);
  return requireMember(db, organization_id, user_id);
}

/** A member. It does not check who may see them. @throws StoaError `not_found`. */
export async function requireMember(
  db: Database,
  organization_id: string,
  user_id: string,
): Promise<OrganizationMember> {
  const [row] = await db.query(selectMember(organization_id, user_id));
  if (!row) throw new StoaError("not_found", { detail: "There is no such member." });
  return shapeMember(row);
}

/** The part of a command that someone is a member with this role, as it read. */
export function hasRole(organization_id: string, user_id: string, role: OrganizationRole): Part {
  return {
    guard: sql`exists (select 1 from organization_members
      where organization_id = ${organization_id} and user_id = ${user_id} and role = ${role})`,
  };
}

/** The part of a command that someone is not a member yet. */
export function notMember(organization_id: string, user_id: string): Part {
  return {
    guard: sql`not exists (select 1 from organization_members
      where organization_id = ${organization_id} and user_id = ${user_id})`,
    why: () => new StoaError("already_member"),
  };
}
