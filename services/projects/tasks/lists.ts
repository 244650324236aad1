import { join, raw, type Sql, sql } from "@stoa/db";

/** A task is assigned to these and no others. */
export function putAssignees(task_id: string, user_ids: readonly string[], happened: Sql): Sql[] {
  return put("task_assignees", "user_id", task_id, user_ids, happened);
}

/** A task has these labels and no others. */
export function putLabels(task_id: string, labels: readonly string[], happened: Sql): Sql[] {
  return put("task_labels", "label", task_id, labels, happened);
}

/** The rows of a new task's list. */
export function insertEach(
  table: "task_assignees" | "task_labels",
  column: "user_id" | "label",
  task_id: string,
  values: readonly string[],
  happened: Sql,
): Sql[] {
  if (values.length === 0) return [];
  return [
    sql`insert into ${raw(table)} (task_id, ${raw(column)})
      select ${task_id}, value from json_each(${JSON.stringify(values)}) where ${happened}`,
  ];
}

/** The guard that all of these are members of the project. @param user_ids each once */
export function membersOnly(project_id: string, user_ids: readonly string[]): Sql {
  if (user_ids.length === 0) return raw("1");
  const list = join(
    user_ids.map((id) => sql`${id}`),
    ", ",
  );
  return sql`(select count(*) from members where project_id = ${project_id} and user_id in (${list})) = ${user_ids.length}`;
}

function put(
  table: "task_assignees" | "task_labels",
  column: "user_id" | "label",
  task_id: string,
  values: readonly string[],
  happened: Sql,
): Sql[] {
  return [
    sql`delete from ${raw(table)} where task_id = ${task_id} and ${happened}`,
    ...insertEach(table, column, task_id, values, happened),
  ];
}
