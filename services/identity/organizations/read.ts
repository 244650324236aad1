import type { Actor } from "@stoa/auth";
import { type Database, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import { requireAccess } from "../access.ts";
import { type OrganizationRow, selectOrganization } from "./row.ts";
import type { Organization } from "./schema.ts";

/** @throws StoaError `not_found` when there is none; `forbidden` when the user is not a member. */
export async function readOrganization(db: Database, actor: Actor, id: string): Promise<Organization> {
  const [row] = await db.query(selectOrganization(actor, id));
  if (!row) throw noSuchOrganization();
  return shapeOrganization(row);
}

/** A row as it goes over the wire. @throws StoaError `forbidden` when the user is not a member. */
export function shapeOrganization({ role, ...row }: OrganizationRow): Organization {
  requireAccess(role, "read");
  return { ...row, role };
}

/** The part of a command that an organization exists. */
export function organizationExists(id: string): Part {
  return { guard: sql`exists (select 1 from organizations where id = ${id})`, why: noSuchOrganization };
}

/** The part of a command that an organization still has the name that was read: its mail says it. */
export function stillCalled({ id, name }: Pick<Organization, "id" | "name">): Part {
  return { guard: sql`exists (select 1 from organizations where id = ${id} and name = ${name})` };
}

/** What an organization is called when an event is written that says it. */
export function organizationName(id: string): Sql {
  return sql`(select name from organizations where id = ${id})`;
}

function noSuchOrganization(): StoaError {
  return new StoaError("not_found", { detail: "There is no such organization." });
}
