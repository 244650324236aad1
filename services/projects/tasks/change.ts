import type { Actor } from "@stoa/auth";
import { raw, type Sql } from "@stoa/db";
import type { IfMatch } from "@stoa/http/etag";
import { changesOf, refuseReadOnly } from "@stoa/http/patch";
import { retrying } from "@stoa/journal";
import { hasRole, requireRole, writers } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { refuseOverlap } from "../merge.ts";
import { requireAssignable } from "./assignable.ts";
import type { NewTask } from "./create.ts";
import { writeEdit } from "./edit.ts";
import { mayBeParent, requireParent } from "./parent.ts";
import { accessLiveTask } from "./read.ts";
import type { Task } from "./schema.ts";

const editable = [
  "title",
  "description",
  "status",
  "priority",
  "parent_id",
  "due_at",
  "labels",
  "estimate_minutes",
  "assignee_ids",
] as const;

/** A merge patch; every other field must equal what is there. */
export type TaskPatch = { readonly [F in (typeof editable)[number]]?: NewTask[F] | null };

/** What null clears a field to, where that is not null. */
const cleared = { status: "pending", priority: "medium", labels: [], assignee_ids: [] } as const;

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
  const asked = settled(patch);
  return retrying(async () => {
    const { task, role } = await accessLiveTask(deps, actor, id);
    requireRole(role, writers);
    const wanted = sameAssignees(task, asked.assignee_ids) ? { ...asked, assignee_ids: task.assignee_ids } : asked;
    refuseReadOnly(task, patch, editable);
    const changes = changesOf(task, wanted, editable);
    const fields = changes.map(({ field }) => field);
    await refuseOverlap(deps.db, match, task, id, fields);
    if (changes.length === 0) return task;
    const { parent_id, assignee_ids } = wanted;
    if (fields.includes("assignee_ids")) await requireAssignable(deps.db, assignee_ids ?? [], task);
    const moved = fields.includes("parent_id") && parent_id;
    if (moved) await requireParent(deps.db, parent_id, task);
    const guards = [mayWrite(actor, task), ...(moved ? [mayBeParent(parent_id, task)] : [])];
    return writeEdit(deps, actor, { task, changes, guards });
  });
}

/** The guard that the asker still may change the task; a personal one is its creator's for ever. */
export function mayWrite(actor: Actor, { project_id }: Task): Sql {
  return project_id === null ? raw("1") : hasRole(actor, project_id, writers);
}

/** Whether a task is assigned to these already: in what order they are named says nothing. */
function sameAssignees({ assignee_ids }: Task, wanted: readonly string[] | undefined): boolean {
  return wanted?.length === assignee_ids.length && wanted.every((user_id) => assignee_ids.includes(user_id));
}

/** The patch with null as what it clears to, and each list without repetitions. */
function settled(patch: TaskPatch) {
  const entries = Object.entries(patch).map(([field, value]): [string, unknown] => {
    if (value === null && field in cleared) return [field, cleared[field as keyof typeof cleared]];
    return [field, Array.isArray(value) ? [...new Set(value)] : value];
  });
  return Object.fromEntries(entries) as Omit<TaskPatch, "assignee_ids"> & { assignee_ids?: string[] };
}
