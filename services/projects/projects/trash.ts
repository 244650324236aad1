import type { Actor } from "@stoa/auth";
import { all, raw, sql, updateRows } from "@stoa/db";
import { type IfMatch, versionConflict } from "@stoa/http/etag";
import { append, commit, retrying } from "@stoa/journal";
import { hasRole, owners, requireRole } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { tasks } from "../tasks/table.ts";
import { readLiveProject } from "./read.ts";
import { projects } from "./table.ts";
import { nextVersion } from "./version.ts";

/**
 * Moves a project to the trash, with its tasks.
 *
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`.
 */
export async function trashProject({ db, now }: StoreDeps, actor: Actor, id: string, match?: IfMatch): Promise<void> {
  await retrying(async () => {
    const project = await readLiveProject({ db }, actor, id);
    requireRole(project.role, owners);
    const matters = match !== undefined && !match.any;
    if (matters && !match.versions.includes(project.version)) throw versionConflict(project);
    const time = now().toISOString();
    const event = append(
      actor.cause,
      {
        type: "project.trashed",
        aggregate_id: id,
        entity_id: id,
        organization_id: project.organization_id,
        time,
        data: { project_id: id, name: project.name, version: nextVersion(id) },
      },
      all([
        sql`exists (select 1 from projects where id = ${id} and deleted_at is null
          and ${matters ? sql`version = ${project.version}` : raw("1")})`,
        hasRole(actor, id, owners),
      ]),
    );
    const gone = { version: sql`version + 1`, updated_at: time, deleted_at: time, deletion_id: event.event_id };
    const { applied } = await commit(db, event, [
      updateRows(projects, gone, sql`id = ${id} and ${event.happened}`),
      updateRows(tasks, gone, sql`project_id = ${id} and deleted_at is null and ${event.happened}`),
    ]);
    return applied || undefined;
  });
}
