import type { Actor } from "@stoa/auth";
import { raw, rowsAs, sql } from "@stoa/db";
import { mapItems, type Page, type PageQuery, pagePlan } from "@stoa/http";
import { roleOf } from "../access.ts";
import type { Deps } from "../deps.ts";
import { type OrganizationRow, selectOrganizations } from "./read.ts";
import type { Organization } from "./schema.ts";

/** The asker's organizations (a superuser's: all), newest first. */
export async function listOrganizations(
  deps: Pick<Deps, "db" | "cursor_key">,
  actor: Actor,
  page: PageQuery,
): Promise<Page<Organization>> {
  const plan = pagePlan(deps.cursor_key, page, {
    name: "organizations",
    filters: { actor: actor.user_id },
    order: [{ column: "o.id", direction: "desc" }],
  });
  const mine = actor.is_superuser
    ? raw("1")
    : sql`o.id in (select organization_id from organization_members where user_id = ${actor.user_id})`;
  const [rows = [], [total] = []] = await deps.db.queryAll([
    selectOrganizations(actor, sql`where ${mine} and ${plan.where} order by ${plan.order} limit ${plan.limit}`),
    ...(plan.count ? [sql`select count(*) as total from organizations o where ${mine}`] : []),
  ]);
  // The condition lets no row through whose role is null.
  return mapItems(
    plan.finish(rowsAs<OrganizationRow>(rows), total?.["total"] as number | undefined),
    (row): Organization => ({ ...row, role: roleOf(actor, row.role) ?? "member" }),
  );
}
