import type { Actor } from "@stoa/auth";
import { all, sql } from "@stoa/db";
import { mapItems, type Page, type PageRequest, pagePlan } from "@stoa/http/list/index";
import type { ListDeps } from "../deps.ts";
import { readProject } from "../projects/read.ts";
import type { Member } from "../projects/schema.ts";
import { readPage } from "../read-page.ts";
import { type MemberRow, selectMembers, shapeMember } from "./read.ts";

/** A project's members, who joined last first. @throws StoaError `not_found`. */
export async function listMembers(
  { db, cursor_key }: ListDeps,
  actor: Actor,
  project_id: string,
  request: PageRequest,
): Promise<Page<Member>> {
  await readProject({ db }, actor, project_id);
  const plan = pagePlan(cursor_key, request, {
    name: "members",
    filters: { project_id },
    order: [
      { column: "m.joined_at", direction: "desc" },
      { column: "m.user_id", direction: "desc" },
    ],
  });
  const mine = sql`m.project_id = ${project_id}`;
  const page = selectMembers(sql`where ${all([mine, plan.where])} order by ${plan.order} limit ${plan.limit}`);
  const total = sql`select count(*) as total from members m where ${mine}`;
  return mapItems(await readPage<MemberRow>(db, plan, page, total), (row) => shapeMember(actor, row));
}
