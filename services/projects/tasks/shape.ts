import { raw, type Sql, sql } from "@stoa/db";
import type { OrganizationRole, ProjectRole } from "@stoa/events";
import type { Task } from "./schema.ts";
import { type TaskRow, tasks } from "./table.ts";

/** The columns that a task is shaped from. */
export const taskColumns = {
  id: tasks.id,
  key: tasks.key,
  project_id: tasks.project_id,
  parent_id: tasks.parent_id,
  number: tasks.number,
  title: tasks.title,
  description: tasks.description,
  status: tasks.status,
  priority: tasks.priority,
  creator_id: tasks.creator_id,
  assignee_ids: tasks.assignee_ids,
  labels: tasks.labels,
  due_at: tasks.due_at,
  estimate_minutes: tasks.estimate_minutes,
  rank: tasks.rank,
  version: tasks.version,
  created_at: tasks.created_at,
  updated_at: tasks.updated_at,
  started_at: tasks.started_at,
  completed_at: tasks.completed_at,
  deleted_at: tasks.deleted_at,
};

/** A task as it is read. */
export type StoredTask = Pick<TaskRow, keyof typeof taskColumns>;

/** A task with the asker's memberships of its project and of that project's organization. */
export type StoredTaskForAsker = StoredTask & {
  readonly membership: ProjectRole | null;
  readonly organization_role: OrganizationRole | null;
};

/** The same columns, of `t`, for SQL written out. */
export const columnsOfTask: Sql = raw(
  Object.keys(taskColumns)
    .map((name) => `t.${name}`)
    .join(", "),
);

/** One task, without asking who sees it: the answer of a command. */
export function selectTask(id: string): Sql {
  return sql`select ${columnsOfTask} from tasks t where t.id = ${id}`;
}

const listOf = (json: string): string[] => (json === "[]" ? [] : (JSON.parse(json) as string[]));

/** A row as it goes over the wire. */
export function shapeTask(row: StoredTask): Task {
  return {
    id: row.id,
    key: row.key,
    project_id: row.project_id,
    parent_id: row.parent_id,
    number: row.number,
    title: row.title,
    description: row.description,
    status: row.status,
    priority: row.priority,
    creator_id: row.creator_id,
    assignee_ids: listOf(row.assignee_ids),
    labels: listOf(row.labels),
    due_at: row.due_at,
    estimate_minutes: row.estimate_minutes,
    logged_minutes: 0,
    rank: row.rank,
    is_blocked: false,
    version: row.version,
    created_at: row.created_at,
    updated_at: row.updated_at,
    started_at: row.started_at,
    completed_at: row.completed_at,
    deleted_at: row.deleted_at,
  };
}
