import { StoaError } from "@stoa/errors";
import { requireAccess } from "../access.ts";
import type { Task } from "../tasks/schema.ts";
import { edit } from "./decide-task.ts";
import { type Draft, liveTaskOf, type Outcome, recordOf, referTo, remember } from "./draft.ts";
import type { DataAssignee } from "./schema.ts";

/**
 * Assigns a task to someone; whom this item has assigned it to before is taken off. Someone whom people have taken off
 * since is not assigned again.
 *
 * @throws StoaError `not_found`, `forbidden`, `not_a_member`
 */
export function decideAssignee(draft: Draft, given: DataAssignee): Outcome {
  const { batch, known, overwrite } = draft;
  const task_id = referTo(draft, "task", given.task, "/task");
  const user_id = referTo(draft, "user", given.user, "/user");
  const { state, role } = liveTaskOf(draft, task_id);
  const { task } = state;
  const record = recordOf(draft, "assignee", given.external_id);
  const same = record?.values["task_id"] === task_id && record.values["user_id"] === user_id;
  const isAssigned = task.assignee_ids.includes(user_id);
  if (same && isAssigned) return { id: task_id, outcome: "unchanged" };
  if (same && !overwrite) return { id: task_id, outcome: "unchanged", kept: ["user"] };
  requireAccess(role, "write");
  if (!isAssigned) requireMember(draft, task, user_id);
  const before = record?.values["user_id"];
  const elsewhere = record && record.entity_id !== task_id ? known.tasks.get(record.entity_id) : undefined;
  const others = task.assignee_ids.filter((one) => one !== user_id && (elsewhere || one !== before));
  const to = isAssigned
    ? task.assignee_ids.filter((one) => one === user_id || others.includes(one))
    : [...others, user_id];
  if (elsewhere) takeOff(draft, elsewhere.task, String(before));
  if (!isAssigned || to.length !== task.assignee_ids.length) {
    edit(draft, task_id, [{ field: "assignee_ids", from: task.assignee_ids, to }]);
    if (task.project_id !== null) batch.requireMember(task.project_id, user_id);
  }
  remember(draft, "assignee", given.external_id, task_id, { task_id, user_id });
  return { id: task_id, outcome: record ? "updated" : "created" };
}

/** Another task, which the item named before, if it can still be changed. */
function takeOff(draft: Draft, { id, assignee_ids, deleted_at }: Task, user_id: string): void {
  if (deleted_at !== null || !assignee_ids.includes(user_id)) return;
  requireAccess(liveTaskOf(draft, id).role, "write");
  const to = assignee_ids.filter((one) => one !== user_id);
  edit(draft, id, [{ field: "assignee_ids", from: assignee_ids, to }]);
}

/** @throws StoaError `not_a_member` */
function requireMember({ known }: Draft, { project_id, creator_id }: Task, user_id: string): void {
  if (project_id === null) {
    if (user_id === creator_id) return;
    throw new StoaError("not_a_member", { detail: "A personal task can be assigned to its creator alone." });
  }
  if (!known.members.get(project_id)?.has(user_id)) throw new StoaError("not_a_member");
}
