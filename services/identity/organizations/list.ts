import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { type Page, type PageQuery, pagePlan, readPage } from "@stoa/http/list/index";
import { accessible } from "../access.ts";
import type { ListDeps } from "../deps.ts";
import { shapeOrganization } from "./read.ts";
import { o, organizationColumns } from "./row.ts";
import type { Organization } from "./schema.ts";

/** The user's organizations (a superuser's: all), newest first. @throws StoaError `invalid_cursor`. */
export function listOrganizations(
  { db, cursor_key }: ListDeps,
  actor: Actor,
  query: PageQuery,
): Promise<Page<Organization>> {
  const plan = pagePlan(cursor_key, query, {
    name: "organizations",
    filters: { actor: actor.user_id },
    order: [{ column: o.id, direction: "desc" }],
  });
  const source = { columns: organizationColumns(actor), from: sql`${o}`, where: accessible(actor, "read", o.id) };
  return readPage(db, plan, source, shapeOrganization);
}
