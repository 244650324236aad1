import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { type IfMatch, requireMatch, sameVersion } from "@stoa/http/etag";
import { command, type Part, retrying } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";
import { liveProject } from "../projects/read.ts";
import { sameProject } from "../projects/version.ts";
import { mayChange, viewThere } from "./access.ts";
import { viewToChange } from "./read.ts";
import { views } from "./table.ts";

/** Deletes a view: its creator may, and of a shared one the project's owners. @throws StoaError `not_found`, `forbidden`, `version_conflict`. */
export async function deleteView(
  { db, now }: StoreDeps,
  actor: Actor,
  project_id: string,
  id: string,
  match?: IfMatch,
): Promise<void> {
  await retrying(db, `view ${id}`, async () => {
    const { project, view } = await viewToChange(db, actor, project_id, id);
    const allowed = mayChange(actor, project, view);
    requireMatch(match, view);
    const { name, is_shared, creator_id, version } = view;
    const deleted: Part = {
      guard: sql`exists (select 1 from views where id = ${id} and version = ${version})`,
      effects: (happened) => [sql`delete from views where id = ${id} and ${happened}`],
    };
    return command(
      db,
      actor.cause,
      {
        type: "view.deleted",
        aggregate_id: project_id,
        entity_id: id,
        organization_id: project.organization_id,
        time: now().toISOString(),
        data: { view_id: id, project_id, name, is_shared, creator_id, version },
      },
      [
        liveProject(project_id),
        viewThere(view),
        ...allowed,
        sameVersion(match, views, view),
        sameProject(project),
        deleted,
      ],
    );
  });
}
