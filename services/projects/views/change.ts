import type { Actor } from "@stoa/auth";
import { sql, updateRows } from "@stoa/db";
import { type IfMatch, requireMatch, sameVersion } from "@stoa/http/etag";
import { changesOf, refuseReadOnly } from "@stoa/http/patch";
import { command, type Part, retrying } from "@stoa/journal";
import { requireAccess } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { liveProject } from "../projects/read.ts";
import { sameProject } from "../projects/version.ts";
import { mayChange, maySave, viewThere } from "./access.ts";
import { readFilter, type ViewFilter } from "./filter.ts";
import { viewToChange } from "./read.ts";
import { selectView, shapeView } from "./row.ts";
import { type View, type ViewPatch, viewFields } from "./schema.ts";
import { views } from "./table.ts";

/**
 * Changes a view: its creator may, and of a shared one the project's owners.
 *
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`, `validation_failed` for the filter and for read-only fields.
 */
export function changeView(
  { db, now }: StoreDeps,
  actor: Actor,
  project_id: string,
  id: string,
  patch: ViewPatch,
  match?: IfMatch,
): Promise<View> {
  // What is wrong with a value is said before anything is looked up.
  if (patch.filter) merged({}, patch.filter);
  return retrying(db, `view ${id}`, async () => {
    const { project, view } = await viewToChange(db, actor, project_id, id);
    const allowed = mayChange(actor, project, view);
    refuseReadOnly(view, patch, viewFields);
    const wanted = {
      ...patch,
      is_shared: patch.is_shared === null ? false : patch.is_shared,
      filter: patch.filter && merged(view.filter, patch.filter),
    };
    requireAccess(project.role, (wanted.is_shared ?? view.is_shared) ? "write" : "read");
    requireMatch(match, view);
    const changes = changesOf(view, wanted, viewFields);
    if (changes.length === 0) return view;
    const time = now().toISOString();
    const { name, sort, is_shared, filter } = { ...view, ...withoutUndefined(wanted) };
    const changed: Part = {
      guard: sql`exists (select 1 from views where id = ${id} and version = ${view.version})`,
      effects: (happened) => [
        updateRows(
          views,
          {
            name,
            sort,
            is_shared: is_shared ? 1 : 0,
            filter: JSON.stringify(filter),
            version: view.version + 1,
            updated_at: time,
          },
          sql`id = ${id} and ${happened}`,
        ),
      ],
    };
    const rows = await command(
      db,
      actor.cause,
      {
        type: "view.changed",
        aggregate_id: project_id,
        entity_id: id,
        organization_id: project.organization_id,
        time,
        data: {
          view_id: id,
          project_id,
          name,
          is_shared,
          creator_id: view.creator_id,
          version: view.version + 1,
          changes,
        },
      },
      [
        liveProject(project_id),
        viewThere(view),
        ...allowed,
        maySave(actor, project_id, is_shared),
        sameVersion(match, views, view),
        sameProject(project),
        changed,
      ],
      selectView(project_id, id),
    );
    return rows?.[0] && shapeView(rows[0]);
  });
}

/** A merge patch (RFC 7396) of a filter: what is absent stays, null takes away. */
function merged(present: ViewFilter, patch: ViewFilter): ViewFilter {
  const all = Object.entries({ ...present, ...patch });
  return readFilter(Object.fromEntries(all.filter(([, value]) => value !== null && value !== undefined)));
}

function withoutUndefined<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
