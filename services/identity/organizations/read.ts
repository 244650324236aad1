import type { Actor } from "@stoa/auth";
import { type Database, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { OrganizationRole } from "@stoa/events";
import { roleOf } from "../access.ts";
import type { Organization } from "./schema.ts";

/** An organization with the asker's membership, null when there is none. */
export interface OrganizationRow extends Omit<Organization, "role"> {
  readonly role: OrganizationRole | null;
}

/** Organizations with the asker's role and their number of members. @param rest `where …` and on, of `o` */
export function selectOrganizations(actor: Actor, rest: Sql): Sql {
  return sql`select o.id, o.name, o.slug,
      (select role from organization_members where organization_id = o.id and user_id = ${actor.user_id}) as role,
      (select count(*) from organization_members where organization_id = o.id) as member_count,
      o.version, o.created_at, o.updated_at
    from organizations o ${rest}`;
}

/** One organization. */
export function selectOrganization(actor: Actor, id: string): Sql {
  return selectOrganizations(actor, sql`where o.id = ${id}`);
}

/** A row as the asker may see it; undefined when they may not. */
export function shapeOrganization(actor: Actor, row: OrganizationRow | undefined): Organization | undefined {
  const role = row && roleOf(actor, row.role);
  return row && role ? { ...row, role } : undefined;
}

/** @throws StoaError `not_found` when there is none, or the asker is not a member */
export async function readOrganization(db: Database, actor: Actor, id: string): Promise<Organization> {
  const [row] = await db.query<OrganizationRow>(selectOrganization(actor, id));
  const organization = shapeOrganization(actor, row);
  if (organization) return organization;
  throw new StoaError("not_found", { detail: "There is no such organization, or you are not a member." });
}
