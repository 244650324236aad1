import type { Actor } from "@stoa/auth";
import { all, raw, sql, updateRows } from "@stoa/db";
import { changesOf, type IfMatch, refuseReadOnly, valuesOf } from "@stoa/http/lists/index";
import { append, commit } from "@stoa/journal";
import { hasRole, owners, requireRole } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { refuseOverlap } from "../merge.ts";
import { retrying } from "../retry.ts";
import { readLiveProject } from "./read.ts";
import type { Project } from "./schema.ts";
import { type ProjectRow, selectProject, shapeProject } from "./shape.ts";
import { projects } from "./table.ts";
import { nextVersion } from "./version.ts";

const editable = ["name", "description"] as const;

/** A merge patch; fields beyond name and description must equal what is there. */
export interface ProjectPatch {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
}

/**
 * Changes a project. Edits of different fields do not get in each other's way.
 *
 * @param match `If-Match`: what has changed since then is not overwritten
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`, `validation_failed` for a read-only field.
 */
export async function changeProject(
  deps: StoreDeps,
  actor: Actor,
  id: string,
  patch: ProjectPatch,
  match?: IfMatch,
): Promise<Project> {
  return retrying(async () => {
    const project = await readLiveProject(deps, actor, id);
    requireRole(project.role, owners);
    refuseReadOnly(project, patch, editable);
    const changes = changesOf(project, patch, editable);
    await refuseOverlap(
      deps.db,
      match,
      project,
      id,
      changes.map(({ field }) => field),
    );
    if (changes.length === 0) return project;
    return write(deps, actor, project, changes);
  });
}

async function write(
  { db, now }: StoreDeps,
  actor: Actor,
  project: Project,
  changes: ReturnType<typeof changesOf<Project, (typeof editable)[number]>>,
) {
  const { id } = project;
  const time = now().toISOString();
  const values = valuesOf<Project, (typeof editable)[number]>(changes);
  const untouched = changes.map(({ field }) => sql`${raw(field)} is ${project[field]}`);
  const event = append(
    actor.cause,
    {
      type: "project.updated",
      aggregate_id: id,
      entity_id: id,
      organization_id: project.organization_id,
      time,
      data: { project_id: id, name: values.name ?? project.name, version: nextVersion(id), changes },
    },
    all([
      sql`exists (select 1 from projects where ${all([sql`id = ${id}`, sql`deleted_at is null`, ...untouched])})`,
      hasRole(actor, id, owners),
    ]),
  );
  const set = { ...values, version: sql`version + 1`, updated_at: time };
  const update = updateRows(projects, set, sql`id = ${id} and ${event.happened}`);
  const { applied, rows } = await commit<ProjectRow>(db, event, [update], selectProject(actor, id));
  return applied && rows[0] ? shapeProject(actor, rows[0]) : undefined;
}
