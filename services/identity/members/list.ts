import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { type Page, type PageQuery, pagePlan, readPage } from "@stoa/http/list/index";
import type { ListDeps } from "../deps.ts";
import { readOrganization } from "../organizations/read.ts";
import type { OrganizationMember } from "../organizations/schema.ts";
import { m, memberColumns, membersWithNames, shapeMember } from "./read.ts";

/** An organization's members, the latest first. @throws StoaError `not_found`, `forbidden`, `invalid_cursor`. */
export async function listMembers(
  { db, cursor_key }: ListDeps,
  actor: Actor,
  organization_id: string,
  query: PageQuery,
): Promise<Page<OrganizationMember>> {
  await readOrganization(db, actor, organization_id);
  const plan = pagePlan(cursor_key, query, {
    name: "organization_members",
    filters: { organization_id },
    order: [
      { column: m.joined_at, direction: "desc" },
      { column: m.user_id, direction: "desc" },
    ],
  });
  const where = sql`${m.organization_id} = ${organization_id}`;
  return readPage(db, plan, { columns: memberColumns, from: membersWithNames, where }, shapeMember);
}
