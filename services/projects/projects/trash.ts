import type { Actor } from "@stoa/auth";
import { sql, updateRows } from "@stoa/db";
import { type IfMatch, requireMatch, sameVersion } from "@stoa/http/etag";
import { command, type Part, retrying } from "@stoa/journal";
import { access, requireAccess } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { tasks } from "../tasks/table.ts";
import { liveProject, readLiveProject } from "./read.ts";
import { projects } from "./table.ts";
import { aboutProject, nextVersion, sameProject } from "./version.ts";

/**
 * Moves a project to the trash, with its tasks.
 *
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`.
 */
export async function trashProject({ db, now }: StoreDeps, actor: Actor, id: string, match?: IfMatch): Promise<void> {
  await retrying(db, `project ${id}`, async () => {
    const project = await readLiveProject(db, actor, id);
    requireAccess(project.role, "manage");
    requireMatch(match, project);
    const time = now().toISOString();
    const trashed: Part = {
      effects: (happened, event_id) => {
        const gone = { version: sql`version + 1`, updated_at: time, deleted_at: time, deletion_id: event_id };
        return [
          updateRows(projects, gone, sql`id = ${id} and ${happened}`),
          updateRows(tasks, gone, sql`project_id = ${id} and deleted_at is null and ${happened}`),
        ];
      },
    };
    return command(
      db,
      actor.cause,
      {
        type: "project.trashed",
        ...aboutProject(project, time),
        data: { project_id: id, name: project.name, version: nextVersion(id) },
      },
      [
        liveProject(id),
        access(actor, "manage", id),
        sameVersion(match, projects, project),
        sameProject(project),
        trashed,
      ],
    );
  });
}
