import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { type Page, type PageRequest, pagePlan, readPage } from "@stoa/http/list/index";
import type { ListDeps } from "../deps.ts";
import { readProject } from "../projects/read.ts";
import { shapeView, viewColumns } from "./row.ts";
import type { View } from "./schema.ts";
import { views } from "./table.ts";

/** The user's own views of a project and the shared ones, newest first. @throws StoaError `not_found`, `forbidden`, `invalid_cursor`. */
export async function listViews(
  { db, cursor_key }: ListDeps,
  actor: Actor,
  project_id: string,
  request: PageRequest,
): Promise<Page<View>> {
  await readProject(db, actor, project_id);
  const { user_id } = actor;
  const plan = pagePlan(cursor_key, request, {
    name: "views",
    filters: { project_id, user_id },
    order: [{ column: viewColumns.id, direction: "desc" }],
  });
  const where = sql`project_id = ${project_id} and (is_shared = 1 or creator_id = ${user_id})`;
  return readPage(db, plan, { columns: viewColumns, from: sql`${views}`, where }, shapeView);
}
