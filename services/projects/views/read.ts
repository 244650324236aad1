import type { Actor } from "@stoa/auth";
import type { Database } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { readLiveProject, readProject } from "../projects/read.ts";
import type { Project } from "../projects/schema.ts";
import { selectView, shapeView } from "./row.ts";
import type { View } from "./schema.ts";

/**
 * A view that the user sees: one of their own, or one that is shared.
 *
 * @throws StoaError `not_found` for the project or the view; `forbidden` for others' private ones, whatever the role.
 */
export async function readView(db: Database, actor: Actor, project_id: string, id: string): Promise<View> {
  await readProject(db, actor, project_id);
  const [row] = await db.query(selectView(project_id, id));
  if (!row) throw new StoaError("not_found", { detail: "There is no such view." });
  if (row.is_shared !== 1 && row.creator_id !== actor.user_id) {
    throw new StoaError("forbidden", { detail: "This is someone else's private view." });
  }
  return shapeView(row);
}

/** A view of a project that is not in the trash, to be changed by the user. @throws StoaError as {@link readView} */
export async function viewToChange(
  db: Database,
  actor: Actor,
  project_id: string,
  id: string,
): Promise<{ readonly project: Project; readonly view: View }> {
  const project = await readLiveProject(db, actor, project_id);
  return { project, view: await readView(db, actor, project_id, id) };
}
