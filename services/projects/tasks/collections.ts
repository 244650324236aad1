import { among, listed, raw, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import type { TaskScope } from "./scope.ts";
import { taskAssignees, taskLabels } from "./table.ts";

/** The lists of a task that stand in tables of their own too, for filtering. */
const tables = {
  assignee_ids: { table: taskAssignees, column: raw("user_id") },
  labels: { table: taskLabels, column: raw("label") },
} as const;

/** A field that is such a list. */
export type CollectionField = keyof typeof tables;

/** Whether a field is such a list. */
export function isCollection(field: string): field is CollectionField {
  return field in tables;
}

/** The task has these values in the list, and no others. */
export function replaceCollection(
  field: CollectionField,
  task_id: string,
  values: readonly string[],
  happened: Sql,
): Sql[] {
  return replaceCollections(field, [task_id], values, happened);
}

/** Each of the tasks has these values in the list, and no others. */
export function replaceCollections(
  field: CollectionField,
  task_ids: readonly string[],
  values: readonly string[],
  happened: Sql,
): Sql[] {
  const { table, column } = tables[field];
  const rows = sql`select row from tasks where id in ${among(task_ids)}`;
  const gone = sql`delete from ${table} where task_row in (${rows}) and ${happened}`;
  if (values.length === 0) return [gone];
  const insert = sql`insert into ${table} (task_row, ${column}) select task.row, item.value
    from (${rows}) task cross join json_each(${JSON.stringify(values)}) item where ${happened}`;
  return [gone, insert];
}

/** The rows of a new task's list, after the task itself. */
export function insertCollection(
  field: CollectionField,
  task_id: string,
  values: readonly string[],
  happened: Sql,
): Sql[] {
  if (values.length === 0) return [];
  const { table, column } = tables[field];
  return [
    sql`insert into ${table} (task_row, ${column}) select task.row, item.value
      from tasks task cross join json_each(${JSON.stringify(values)}) item where task.id = ${task_id} and ${happened}`,
  ];
}

/**
 * The part of a command that assigns a task: assignees are members of its project; a personal task can be assigned to its
 * creator alone.
 *
 * @param user_ids each once
 */
export function assignable(user_ids: readonly string[], { project_id, creator_id }: TaskScope): Part {
  if (user_ids.length === 0) return {};
  if (project_id === null) {
    return {
      guard: sql`${user_ids.every((id) => id === creator_id)}`,
      why: () => new StoaError("not_a_member", { detail: "A personal task can be assigned to its creator alone." }),
    };
  }
  return {
    guard: sql`(select count(*) from members where project_id = ${project_id} and user_id in ${listed(user_ids)})
      = ${user_ids.length}`,
    why: () => new StoaError("not_a_member"),
  };
}
