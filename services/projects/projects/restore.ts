import type { Actor } from "@stoa/auth";
import { sql, updateRows } from "@stoa/db";
import { type IfMatch, requireMatch, sameVersion } from "@stoa/http/etag";
import { command, type Part, retrying } from "@stoa/journal";
import { access, requireAccess } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { tasks } from "../tasks/table.ts";
import { projectThere, readProject } from "./read.ts";
import { selectProject, shapeProject } from "./row.ts";
import type { Project } from "./schema.ts";
import { projects } from "./table.ts";
import { aboutProject, nextVersion, sameProject } from "./version.ts";

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
  return retrying(db, `project ${id}`, async () => {
    const project = await readProject(db, actor, id);
    requireAccess(project.role, "manage");
    requireMatch(match, project);
    if (project.deleted_at === null) return project;
    const time = now().toISOString();
    const back = { version: sql`version + 1`, updated_at: time, deleted_at: null, deletion_id: null };
    const together = sql`deletion_id = (select deletion_id from projects where id = ${id})`;
    const restored: Part = {
      guard: sql`exists (select 1 from projects where id = ${id} and deleted_at is not null and purged_at is null)`,
      effects: (happened) => [
        // The tasks first: they are known by the deletion that the project still bears.
        updateRows(tasks, back, sql`${together} and ${happened}`),
        updateRows(projects, back, sql`id = ${id} and ${happened}`),
      ],
    };
    const rows = await command(
      db,
      actor.cause,
      {
        type: "project.restored",
        ...aboutProject(project, time),
        data: { project_id: id, name: project.name, version: nextVersion(id) },
      },
      [
        projectThere(id),
        access(actor, "manage", id),
        sameVersion(match, projects, project),
        sameProject(project),
        restored,
      ],
      selectProject(actor, id),
    );
    return rows?.[0] && shapeProject(actor, { ...rows[0], role: project.role });
  });
}
