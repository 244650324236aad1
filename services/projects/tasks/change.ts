import type { Actor } from "@stoa/auth";
import type { IfMatch } from "@stoa/http/etag";
import { changesOf, refuseReadOnly } from "@stoa/http/patch";
import { retrying } from "@stoa/journal";
import { accessToTask, requireAccess } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { refuseOverlap } from "../merge.ts";
import { assignable } from "./collections.ts";
import { writeEdit } from "./edit.ts";
import { accessLiveTask } from "./read.ts";
import { type Task, type TaskPatch, taskDefaults, taskFields } from "./schema.ts";
import { unique } from "./scope.ts";
import { parent } from "./tree.ts";

/**
 * Changes a task. Edits of different fields do not get in each other's way; of the same field the last one counts,
 * unless `If-Match` says otherwise.
 *
 * @param match `If-Match`: what has changed since then is not overwritten
 * @throws StoaError `not_found`, `forbidden`, `version_conflict`, `not_a_member`, `validation_failed` for the parent or
 *   a read-only field.
 */
export async function changeTask(
  deps: StoreDeps,
  actor: Actor,
  id: string,
  patch: TaskPatch,
  match?: IfMatch,
): Promise<Task> {
  const asked = normalized(patch);
  return retrying(deps.db, `task ${id}`, async () => {
    const { task, role } = await accessLiveTask(deps.db, actor, id);
    requireAccess(role, "write");
    refuseReadOnly(task, patch, taskFields);
    const wanted = sameAssignees(task, asked.assignee_ids) ? { ...asked, assignee_ids: task.assignee_ids } : asked;
    const changes = changesOf(task, wanted, taskFields);
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

/** Whether a task is assigned to these already: in what order they are named says nothing. */
function sameAssignees({ assignee_ids }: Task, wanted: readonly string[] | undefined): boolean {
  return wanted?.length === assignee_ids.length && wanted.every((user_id) => assignee_ids.includes(user_id));
}

/** The patch with null as what it clears to, and each list without repetitions. */
function normalized(patch: TaskPatch) {
  const entries = Object.entries(patch).map(([field, value]): [string, unknown] => {
    if (value === null && field in taskDefaults) return [field, taskDefaults[field as keyof typeof taskDefaults]];
    return [field, Array.isArray(value) ? unique(value) : value];
  });
  return Object.fromEntries(entries) as Partial<Pick<Task, (typeof taskFields)[number]>>;
}
