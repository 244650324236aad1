import type { Actor } from "@stoa/auth";
import { all, listed, raw, sql } from "@stoa/db";
import { type Page, pagePlan, readPage } from "@stoa/http/list/index";
import { accessible, requireAccess } from "../access.ts";
import type { ListDeps } from "../deps.ts";
import { isWithoutOwner } from "../members/last-owner.ts";
import { p, projectColumns, shapeProject } from "./row.ts";
import type { Project, ProjectsQuery } from "./schema.ts";

/** The user's projects (a superuser's: all), newest first, with members and roles. */
export async function listProjects(
  { db, cursor_key }: ListDeps,
  actor: Actor,
  query: ProjectsQuery,
): Promise<Page<Project>> {
  const { organization_id, without_owner } = query;
  const deleted = query.deleted === true;
  const plan = pagePlan(cursor_key, query, {
    name: "projects",
    filters: { actor: actor.user_id, deleted, organization_id, without_owner },
    order: [{ column: p.id, direction: "desc" }],
  });
  const where = all([
    accessible(actor, deleted ? "manage" : "read", p.id),
    deleted ? raw("p.deleted_at is not null and p.purged_at is null") : raw("p.deleted_at is null"),
    ...(organization_id === undefined ? [] : [sql`p.organization_id in ${listed(organization_id)}`]),
    ...(without_owner === undefined ? [] : [sql`(${isWithoutOwner()}) = ${without_owner}`]),
  ]);
  return readPage(db, plan, { columns: projectColumns(actor), from: sql`${p}`, where }, ({ role, ...row }) => {
    requireAccess(role, "read");
    return shapeProject(actor, { ...row, role });
  });
}
