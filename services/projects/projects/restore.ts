import type { Actor } from "@stoa/auth";
import { all, raw, sql, updateRows } from "@stoa/db";
import { type IfMatch, versionConflict } from "@stoa/http/etag";
import { append, commit, retrying } from "@stoa/journal";
import { hasRole, owners, requireRole } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { tasks } from "../tasks/table.ts";
import { readProject } from "./read.ts";
import type { Project } from "./schema.ts";
import { type ProjectRow, selectProject, shapeProject } from "./shape.ts";
import { projects } from "./table.ts";
import { nextVersion } from "./version.ts";

/**
 * Takes a project out of the trash, with the tasks that went there with it. One that is not there stays as it is.
 *
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`.
 */
export async function restoreProject(
  { db, now }: StoreDeps,
  actor: Actor,
  id: string,
  match?: IfMatch,
): Promise<Project> {
  return retrying(async () => {
    const project = await readProject({ db }, actor, id);
    requireRole(project.role, owners);
    const matters = match !== undefined && !match.any;
    if (matters && !match.versions.includes(project.version)) throw versionConflict(project);
    if (project.deleted_at === null) return project;
    const time = now().toISOString();
    const event = append(
      actor.cause,
      {
        type: "project.restored",
        aggregate_id: id,
        entity_id: id,
        organization_id: project.organization_id,
        time,
        data: { project_id: id, name: project.name, version: nextVersion(id) },
      },
      all([
        sql`exists (select 1 from projects where id = ${id} and deleted_at is not null
          and ${matters ? sql`version = ${project.version}` : raw("1")})`,
        hasRole(actor, id, owners),
      ]),
    );
    const back = { version: sql`version + 1`, updated_at: time, deleted_at: null, deletion_id: null };
    const effects = [
      // The tasks first: they are known by the deletion that the project still bears.
      updateRows(
        tasks,
        back,
        sql`deletion_id = (select deletion_id from projects where id = ${id}) and ${event.happened}`,
      ),
      updateRows(projects, back, sql`id = ${id} and ${event.happened}`),
    ];
    const { applied, rows } = await commit<ProjectRow>(db, event, effects, selectProject(actor, id));
    return applied && rows[0] ? shapeProject(actor, rows[0]) : undefined;
  });
}
