import type { Actor } from "@stoa/auth";
import { computed, pickColumns, type RowOf, type Select, select, sql } from "@stoa/db";
import type { OrganizationRole } from "@stoa/events";
import { alias } from "drizzle-orm/sqlite-core";
import { roleIn } from "../access.ts";
import { Organization } from "./schema.ts";
import { organizations } from "./table.ts";

/** Organizations, as {@link organizationColumns} and the conditions of lists name them. */
export const o = alias(organizations, "o");

/** The columns of an organization as a user sees it: with their role, and the number of members. */
export const organizationColumns = (actor: Actor) => ({
  ...pickColumns(o, Organization.properties),
  role: computed<OrganizationRole | null>(roleIn(actor, o.id)),
  member_count: computed<number>(sql`(select count(*) from organization_members where organization_id = ${o.id})`),
});

/** An organization as it is read. */
export type OrganizationRow = RowOf<ReturnType<typeof organizationColumns>>;

/** One organization. It does not check who may see it. */
export function selectOrganization(actor: Actor, id: string): Select<OrganizationRow> {
  return select(organizationColumns(actor), sql`from ${o} where ${o.id} = ${id}`);
}
