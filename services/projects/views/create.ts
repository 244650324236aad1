import type { Actor } from "@stoa/auth";
import { insertRow, newId } from "@stoa/db";
import { type Claim, command, type Part } from "@stoa/journal";
import { requireAccess } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { liveProject, readLiveProject } from "../projects/read.ts";
import { sameProject } from "../projects/version.ts";
import { maySave } from "./access.ts";
import { readFilter } from "./filter.ts";
import { selectView, shapeView } from "./row.ts";
import type { NewView, View } from "./schema.ts";
import { views } from "./table.ts";

/**
 * Saves a filter. Whoever sees the project may keep views for themselves; sharing one takes the right to write. Names need
 * not differ: an id names a view.
 *
 * @returns undefined when a guard did not hold that holds by now
 * @throws StoaError `validation_failed` for the filter, `not_found` for the project, `forbidden`.
 */
export async function createView(
  { db, now }: StoreDeps,
  actor: Actor,
  project_id: string,
  { name, sort = null, is_shared = false, ...input }: NewView,
  claim: Claim,
): Promise<View | undefined> {
  const filter = readFilter(input.filter);
  const project = await readLiveProject(db, actor, project_id);
  requireAccess(project.role, is_shared ? "write" : "read");
  const id = newId();
  const time = now().toISOString();
  const creator_id = actor.user_id;
  const created: Part = {
    effects: (happened) => [
      insertRow(
        views,
        {
          id,
          project_id,
          creator_id,
          name,
          filter: JSON.stringify(filter),
          sort,
          is_shared: is_shared ? 1 : 0,
          version: 1,
          created_at: time,
          updated_at: time,
        },
        happened,
      ),
    ],
  };
  const rows = await command(
    db,
    actor.cause,
    {
      type: "view.created",
      aggregate_id: project_id,
      entity_id: id,
      organization_id: project.organization_id,
      time,
      data: { view_id: id, project_id, name, is_shared, creator_id, version: 1 },
    },
    [liveProject(project_id), maySave(actor, project_id, is_shared), claim(id), sameProject(project), created],
    selectView(project_id, id),
  );
  return rows?.[0] && shapeView(rows[0]);
}
