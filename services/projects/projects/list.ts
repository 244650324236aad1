import type { Actor } from "@stoa/auth";
import { all, raw, sql } from "@stoa/db";
import { mapItems, type Page, type PageRequest, pagePlan } from "@stoa/http/list/index";
import { owners, seesProject } from "../access.ts";
import type { ListDeps } from "../deps.ts";
import { readPage } from "../read-page.ts";
import type { Project } from "./schema.ts";
import { type ProjectRow, selectProjects, shapeProject } from "./shape.ts";

/** Which projects. */
export interface ProjectFilter extends PageRequest {
  /** Those in the trash, for who may restore them. */
  readonly deleted?: boolean | undefined;
  readonly organization_id?: string | undefined;
}

/** The asker's projects (a superuser's: all), newest first, with members and roles. */
export async function listProjects(
  { db, cursor_key }: ListDeps,
  actor: Actor,
  filter: ProjectFilter,
): Promise<Page<Project>> {
  const { organization_id } = filter;
  const deleted = filter.deleted === true;
  const plan = pagePlan(cursor_key, filter, {
    name: "projects",
    filters: { actor: actor.user_id, deleted, organization_id },
    order: [{ column: "p.id", direction: "desc" }],
  });
  const mine = all([
    seesProject(actor, raw("p.id"), deleted ? owners : undefined),
    deleted ? raw("p.deleted_at is not null") : raw("p.deleted_at is null"),
    ...(organization_id === undefined ? [] : [sql`p.organization_id = ${organization_id}`]),
  ]);
  const page = selectProjects(actor, sql`where ${all([mine, plan.where])} order by ${plan.order} limit ${plan.limit}`);
  const total = sql`select count(*) as total from projects p where ${mine}`;
  return mapItems(await readPage<ProjectRow>(db, plan, page, total), (row) => {
    const project = shapeProject(actor, row);
    if (!project) throw new Error("The list's condition and shapeProject disagree on who sees a project.");
    return project;
  });
}
