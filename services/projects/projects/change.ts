import type { Actor } from "@stoa/auth";
import { all, sql, unqualified, updateRows } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { IfMatch } from "@stoa/http/etag";
import { type Change, changesOf, refuseReadOnly, valuesOf } from "@stoa/http/patch";
import { command, type Part, retrying } from "@stoa/journal";
import { access, requireAccess } from "../access.ts";
import type { PeopleDeps } from "../deps.ts";
import { refuseOverlap } from "../merge.ts";
import { awaitOrganization, inOrganization, mayRelease, requireRelease } from "../organizations/lookup.ts";
import { stored } from "../stored.ts";
import { liveProject, readLiveProject } from "./read.ts";
import { selectProject, shapeProject } from "./row.ts";
import { inOrder, type Project, type ProjectPatch, projectDefaults, projectFields } from "./schema.ts";
import { projects } from "./table.ts";
import { aboutProject, nextVersion, sameProject } from "./version.ts";

type ProjectChange = Change<(typeof projectFields)[number]>;

/**
 * Changes a project. Edits of different fields do not get in each other's way. Taking it out of its organization, or to
 * another, is for owners and admins of that organization.
 *
 * @param match `If-Match`: what has changed since then is not overwritten
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`, `key_taken` where it moves to, `validation_failed` for a
 *   read-only field and for an organization that does not exist; `forbidden` for one that is not theirs.
 */
export async function changeProject(
  deps: PeopleDeps,
  actor: Actor,
  id: string,
  patch: ProjectPatch,
  match?: IfMatch,
): Promise<Project> {
  const asked = normalized(patch);
  return retrying(deps.db, `project ${id}`, async () => {
    const project = await readLiveProject(deps.db, actor, id);
    requireAccess(project.role, "manage");
    refuseReadOnly(project, patch, projectFields);
    const changes = changesOf(project, asked, projectFields);
    const fields = changes.map(({ field }) => field);
    const moves = fields.includes("organization_id");
    if (moves) await requireRelease(deps.db, actor, project.organization_id);
    await refuseOverlap(deps.db, match, project, id, fields);
    if (changes.length === 0) return project;
    const { organization_id } = patch;
    if (moves && typeof organization_id === "string") await awaitOrganization(deps, actor, organization_id);
    return write(deps, actor, project, changes);
  });
}

/** The patch with null as what it clears to, and the working days in order. */
function normalized(patch: ProjectPatch) {
  const entries = Object.entries(patch).map(([field, value]): [string, unknown] => {
    if (value === null && field in projectDefaults)
      return [field, projectDefaults[field as keyof typeof projectDefaults]];
    return [field, field === "working_days" ? inOrder(value as number[]) : value];
  });
  return Object.fromEntries(entries) as Partial<Pick<Project, (typeof projectFields)[number]>>;
}

async function write({ db, now }: PeopleDeps, actor: Actor, project: Project, changes: readonly ProjectChange[]) {
  const { id } = project;
  const time = now().toISOString();
  const values = valuesOf<Project, ProjectChange["field"]>(changes);
  const to = values.organization_id;
  const untouched = changes.map(({ field }) => sql`${unqualified(projects[field])} is ${stored(project[field])}`);
  const scope = to === undefined ? {} : { owner_scope: to ?? sql`creator_id` };
  const changed: Part = {
    guard: sql`exists (select 1 from projects where ${all([sql`id = ${id}`, ...untouched])})`,
    effects: (happened) => [
      updateRows(
        projects,
        {
          ...Object.fromEntries(changes.map(({ field, to }) => [field, stored(to)])),
          ...scope,
          version: sql`version + 1`,
          updated_at: time,
        },
        sql`id = ${id} and ${happened}`,
      ),
    ],
    constraints: { "projects.owner_scope, projects.key": (cause) => new StoaError("key_taken", { cause }) },
  };
  const rows = await command(
    db,
    actor.cause,
    {
      type: "project.updated",
      ...aboutProject({ ...project, ...values }, time),
      data: { project_id: id, name: values.name ?? project.name, version: nextVersion(id), changes: [...changes] },
    },
    [
      liveProject(id),
      access(actor, "manage", id),
      ...(to === undefined ? [] : [mayRelease(actor, project.organization_id)]),
      ...(typeof to === "string" ? inOrganization(actor, to) : []),
      sameProject(project),
      changed,
    ],
    selectProject(actor, id),
  );
  // A user who moves it out of their own reach still gets this answer.
  return rows?.[0] && shapeProject(actor, { ...rows[0], role: rows[0].role ?? project.role });
}
