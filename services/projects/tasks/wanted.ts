import { changesOf } from "@stoa/http/patch";
import type { TaskChange } from "./edit.ts";
import { type Task, type TaskPatch, taskDefaults, taskFields } from "./schema.ts";
import { unique } from "./scope.ts";

/** What a patch asks of a task's own fields: null as what it clears to, each list without repetitions. */
export type Wanted = Partial<Pick<Task, (typeof taskFields)[number]>>;

/** @see Wanted */
export function wantedBy(patch: Pick<TaskPatch, (typeof taskFields)[number]>): Wanted {
  const entries = taskFields.flatMap((field): [string, unknown][] => {
    const value = patch[field];
    if (value === undefined) return [];
    if (value === null && field in taskDefaults) return [[field, taskDefaults[field as keyof typeof taskDefaults]]];
    return [[field, Array.isArray(value) ? unique(value) : value]];
  });
  return Object.fromEntries(entries) as Wanted;
}

/** What really changes of a task. In what order its assignees are named says nothing. */
export function changesFor(task: Task, wanted: Wanted): TaskChange[] {
  const { assignee_ids } = wanted;
  const same =
    assignee_ids?.length === task.assignee_ids.length && assignee_ids.every((id) => task.assignee_ids.includes(id));
  return changesOf(task, same ? { ...wanted, assignee_ids: task.assignee_ids } : wanted, taskFields);
}
