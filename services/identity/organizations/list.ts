import type { Actor } from "@stoa/auth";
import { all, sql } from "@stoa/db";
import { type Page, pagePlan, readPage } from "@stoa/http/list/index";
import { accessible } from "../access.ts";
import type { ListDeps } from "../deps.ts";
import { hasActiveOwner } from "../members/last-owner.ts";
import { shapeOrganization } from "./read.ts";
import { o, organizationColumns } from "./row.ts";
import type { Organization, OrganizationsQuery } from "./schema.ts";

/** The user's organizations (a superuser's: all), newest first. @throws StoaError `invalid_cursor`. */
export function listOrganizations(
  { db, cursor_key }: ListDeps,
  actor: Actor,
  query: OrganizationsQuery,
): Promise<Page<Organization>> {
  const { without_owner } = query;
  const plan = pagePlan(cursor_key, query, {
    name: "organizations",
    filters: { actor: actor.user_id, without_owner },
    order: [{ column: o.id, direction: "desc" }],
  });
  const where = all([
    accessible(actor, "read", o.id),
    ...(without_owner === undefined ? [] : [sql`${hasActiveOwner(sql`${o.id}`)} <> ${without_owner}`]),
  ]);
  const source = { columns: organizationColumns(actor), from: sql`${o}`, where };
  return readPage(db, plan, source, shapeOrganization);
}
