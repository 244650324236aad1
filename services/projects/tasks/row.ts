import { composeOnce, pickColumns, type RowOf, type Select, type Sql, select, sql, storedJson } from "@stoa/db";
import { Task } from "./schema.ts";
import { tasks } from "./table.ts";

/** The columns that a task is made from: those that the answer has. */
export const taskColumns = pickColumns(tasks, Task.properties);

/** A task as it is read. */
export type TaskRow = RowOf<typeof taskColumns>;

/** One task: the answer of a command. It does not check who may see it. */
export const selectTask = (id: string): Select<TaskRow> => taskOf({ id });

const taskOf = composeOnce((value: (name: "id") => Sql) =>
  select(taskColumns, sql`from ${tasks} where ${tasks.id} = ${value("id")}`),
);

/** A row as it goes over the wire. */
export function shapeTask(row: TaskRow): Task {
  return {
    ...row,
    assignee_ids: listOf(row.assignee_ids, "tasks.assignee_ids", row.id),
    labels: listOf(row.labels, "tasks.labels", row.id),
    is_blocked: row.is_blocked === 1,
  };
}

/** Most tasks have neither assignees nor labels; those are not parsed. */
const listOf = (json: string, place: string, id: string): string[] =>
  json === "[]" ? [] : storedJson(json, place, id);
