import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { type Page, type PageRequest, pagePlan, readPage } from "@stoa/http/list/index";
import type { ListDeps } from "../deps.ts";
import { readProject } from "../projects/read.ts";
import type { Member } from "../projects/schema.ts";
import { memberColumns, membersWithNames, shapeMember } from "./row.ts";

/** A project's members, the latest first. @throws StoaError `not_found`, `forbidden`. */
export async function listMembers(
  { db, cursor_key }: ListDeps,
  actor: Actor,
  project_id: string,
  request: PageRequest,
): Promise<Page<Member>> {
  await readProject(db, actor, project_id);
  const plan = pagePlan(cursor_key, request, {
    name: "members",
    filters: { project_id },
    order: [
      { column: memberColumns.joined_at, direction: "desc" },
      { column: memberColumns.user_id, direction: "desc" },
    ],
  });
  const source = { columns: memberColumns, from: membersWithNames, where: sql`m.project_id = ${project_id}` };
  return readPage(db, plan, source, (row) => shapeMember(actor, row));
}
