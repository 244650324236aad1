import type { Actor } from "@stoa/auth";
import type { IfMatch } from "@stoa/http/etag";
import { refuseReadOnly } from "@stoa/http/patch";
import { retrying } from "@stoa/journal";
import { access, accessToTask, requireAccess } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { refuseOverlap } from "../merge.ts";
import { liveProject } from "../projects/read.ts";
import { assignable } from "./collections.ts";
import { writeEdit } from "./edit.ts";
import { writeEdits } from "./edit-many.ts";
import { asMoved } from "./moved.ts";
import { accessLiveTask } from "./read.ts";
import { type Task, type TaskPatch, taskFields } from "./schema.ts";
import { fits, parent } from "./tree.ts";
import { changesFor, type Wanted, wantedBy } from "./wanted.ts";

/**
 * Changes a task, and moves it to another project when that is asked. Edits of different fields do not get in each other's
 * way; of the same field the last one counts, unless `If-Match` says otherwise.
 *
 * @param match `If-Match`: what has changed since then is not overwritten
 * @throws StoaError `not_found` for the task or the project, `forbidden` in either, `version_conflict`, `not_a_member`,
 *   `validation_failed` for the parent, for too deep a tree, or for a read-only field.
 */
export async function changeTask(
  deps: StoreDeps,
  actor: Actor,
  id: string,
  patch: TaskPatch,
  match?: IfMatch,
): Promise<Task> {
  const wanted = wantedBy(patch);
  // That a task of a project gets personal is nothing that can be asked.
  const editable = patch.project_id === null ? taskFields : [...taskFields, "project_id"];
  return retrying(deps.db, `task ${id}`, async () => {
    const { task, role } = await accessLiveTask(deps.db, actor, id);
    requireAccess(role, "write");
    refuseReadOnly(task, patch, editable);
    const target = patch.project_id ?? task.project_id;
    if (target !== null && target !== task.project_id) return moveAndChange(deps, actor, task, target, wanted, match);
    const changes = changesFor(task, wanted);
    const fields = changes.map(({ field }) => field);
    await refuseOverlap(deps.db, match, task, id, fields);
    if (changes.length === 0) return task;
    const parts = [
      accessToTask(actor, task),
      ...(fields.includes("assignee_ids") ? [assignable(wanted.assignee_ids ?? [], task)] : []),
      ...(fields.includes("parent_id") ? parent(wanted.parent_id, task) : []),
    ];
    return writeEdit(deps, actor, { task, changes, parts });
  });
}

async function moveAndChange(
  deps: StoreDeps,
  actor: Actor,
  task: Task,
  target: string,
  wanted: Wanted,
  match: IfMatch | undefined,
): Promise<Task | undefined> {
  const { db } = deps;
  const { tasks, sameMembers } = await asMoved(db, [task], target);
  const [moved = task] = tasks;
  // What is sent back as it was fetched is not asked for: the parent that stays behind, the assignees who fall away.
  const { parent_id, assignee_ids, ...others } = wanted;
  const asked: Wanted = {
    ...others,
    ...(parent_id === undefined || parent_id === task.parent_id ? {} : { parent_id }),
    ...(assignee_ids === undefined || sameList(assignee_ids, task.assignee_ids) ? {} : { assignee_ids }),
  };
  const changes = changesFor(moved, asked);
  await refuseOverlap(db, match, task, task.id, ["project_id", ...changes.map(({ field }) => field)]);
  const parts = [
    accessToTask(actor, task),
    liveProject(target),
    access(actor, "write", target),
    fits([task.id], "/project_id"),
    sameMembers,
    ...parent(asked.parent_id, moved),
    assignable(asked.assignee_ids ?? [], moved),
  ];
  const changed = changes.length === 0 ? [] : [{ task: moved, changes }];
  const edited = await writeEdits(deps, actor, {
    tasks: [task],
    wanted: asked,
    changed,
    move: { roots: [task], target },
    parts,
  });
  return edited?.[0];
}

const sameList = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((item, index) => item === other[index]);
