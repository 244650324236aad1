import { type Sql, sql } from "@stoa/db";
import type { Change } from "@stoa/events";
import type { NewEvent, Part } from "@stoa/journal";
import type { Task } from "../tasks/schema.ts";
import type { Worklog } from "./schema.ts";

/**
 * The part of a command that counts work on a task. `logged_minutes` changes here and nowhere else, in the batch of the
 * entry's own change, so it is the sum of the entries whatever happens at the same time. Version and `updated_at` of the
 * task stay, for nobody has edited it; `changed_at` says that it shows something else.
 *
 * @param minutes how many more; fewer when negative
 */
export function counted(task_id: string, minutes: number, time: string): Part {
  if (minutes === 0) return {};
  return {
    effects: (happened) => [
      sql`update tasks set logged_minutes = logged_minutes + ${minutes},
        changed_at = max(coalesce(changed_at, ''), ${time}) where id = ${task_id} and ${happened}`,
    ],
  };
}

/** What happened to an entry. */
export interface Happening {
  readonly task: Task;
  /** The entry, after the change; before it, when it was removed. */
  readonly worklog: Pick<Worklog, "id" | "user_id" | "minutes" | "spent_on">;
  /** What changed of the entry. */
  readonly changes: readonly Change[];
  /** By how much the task's sum changes. */
  readonly minutes: number;
  readonly time: string;
}

type WorkEvent = "worklog.recorded" | "worklog.changed" | "worklog.removed";

/** The event of a change of a work log: about the task, whose `logged_minutes` is among the changes. */
export function workEvent(type: WorkEvent, happening: Happening): NewEvent<WorkEvent> {
  const { task, worklog, changes, minutes, time } = happening;
  const { id: task_id, project_id, key, title } = task;
  const { id: worklog_id, user_id, spent_on } = worklog;
  return {
    type,
    aggregate_id: project_id ?? task.creator_id,
    entity_id: task_id,
    time,
    data: {
      task_id,
      project_id,
      key,
      title,
      version: sql`(select version from tasks where id = ${task_id})`,
      worklog_id,
      user_id,
      minutes: worklog.minutes,
      spent_on,
      changes: minutes === 0 ? [...changes] : withSum(task_id, changes, minutes),
    },
  };
}

/** The changes with that of the sum, which only the database knows. */
function withSum(task_id: string, changes: readonly Change[], minutes: number): Sql {
  const sum = sql`(select logged_minutes from tasks where id = ${task_id})`;
  return sql`json_insert(${JSON.stringify(changes)}, '$[#]',
    json_object('field', 'logged_minutes', 'from', ${sum}, 'to', ${sum} + ${minutes}))`;
}
