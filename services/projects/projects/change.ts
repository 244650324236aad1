import type { Actor } from "@stoa/auth";
import { all, raw, sql, updateRows, violates } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { IfMatch } from "@stoa/http/etag";
import { changesOf, refuseReadOnly, valuesOf } from "@stoa/http/patch";
import { append, commit, retrying } from "@stoa/journal";
import { hasRole, owners, requireRole } from "../access.ts";
import type { PeopleDeps } from "../deps.ts";
import { refuseOverlap } from "../merge.ts";
import { mayUseOrganization, requireOrganization } from "../organizations/lookup.ts";
import { readLiveProject } from "./read.ts";
import type { Project } from "./schema.ts";
import { type ProjectRow, selectProject, shapeProject } from "./shape.ts";
import { projects } from "./table.ts";
import { nextVersion } from "./version.ts";

const editable = ["name", "description", "organization_id"] as const;

/** A merge patch; fields beyond these must equal what is there. */
export interface ProjectPatch {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  /** Where it belongs from now on; null: to its maker. */
  readonly organization_id?: string | null | undefined;
}

/**
 * Changes a project. Edits of different fields do not get in each other's way.
 *
 * @param match `If-Match`: what has changed since then is not overwritten
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`, `key_taken` where it moves to, `validation_failed` for a
 *   read-only field and for an organization that is not known or not theirs.
 */
export async function changeProject(
  deps: PeopleDeps,
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
    const moved = changes.find(({ field }) => field === "organization_id");
    if (typeof moved?.to === "string") await requireOrganization(deps, actor, moved.to);
    return write(deps, actor, project, changes);
  });
}

async function write(
  { db, now }: PeopleDeps,
  actor: Actor,
  project: Project,
  changes: ReturnType<typeof changesOf<Project, (typeof editable)[number]>>,
) {
  const { id } = project;
  const time = now().toISOString();
  const values = valuesOf<Project, (typeof editable)[number]>(changes);
  const to = values.organization_id;
  const untouched = changes.map(({ field }) => sql`${raw(field)} is ${project[field]}`);
  const event = append(
    actor.cause,
    {
      type: "project.updated",
      aggregate_id: id,
      entity_id: id,
      organization_id: to === undefined ? project.organization_id : to,
      time,
      data: { project_id: id, name: values.name ?? project.name, version: nextVersion(id), changes },
    },
    all([
      sql`exists (select 1 from projects where ${all([sql`id = ${id}`, sql`deleted_at is null`, ...untouched])})`,
      hasRole(actor, id, owners),
      ...(typeof to === "string" ? [mayUseOrganization(actor, to)] : []),
    ]),
  );
  const scope = to === undefined ? {} : { owner_scope: to ?? sql`creator_id` };
  const set = { ...values, ...scope, version: sql`version + 1`, updated_at: time };
  const update = updateRows(projects, set, sql`id = ${id} and ${event.happened}`);
  try {
    const { applied, rows } = await commit<ProjectRow>(db, event, [update], selectProject(actor, id));
    // Who moves it out of reach sees it this once more.
    return applied && rows[0] ? shapeProject(actor, { ...rows[0], role: rows[0].role ?? project.role }) : undefined;
  } catch (error) {
    if (violates(error, "projects.owner_scope, projects.key")) throw new StoaError("key_taken", { cause: error });
    throw error;
  }
}
