import type { Actor } from "@stoa/auth";
import { raw, type Sql, sql } from "@stoa/db";
import type { TaskPriority, TaskStatus } from "@stoa/events";
import type { PageRequest } from "@stoa/http/list/index";
import { seesProject, writers } from "../access.ts";
import { matching } from "./search.ts";
import type { TaskSort } from "./sort.ts";

/** Which tasks, in what order. Times are RFC 3339, UTC, milliseconds. */
export interface TaskFilter extends PageRequest {
  readonly project_id?: string | undefined;
  readonly status?: TaskStatus | undefined;
  readonly priority?: TaskPriority | undefined;
  readonly assignee_id?: string | undefined;
  readonly creator_id?: string | undefined;
  readonly label?: string | undefined;
  readonly parent_id?: string | undefined;
  /** Due before it; that moment not included. */
  readonly due_before?: string | undefined;
  /** Due then or after it. */
  readonly due_after?: string | undefined;
  /** Due by now and still open; false: all others. */
  readonly overdue?: boolean | undefined;
  /** Changed then or after it; those in the trash too, so that a copy can be kept up to date. */
  readonly updated_since?: string | undefined;
  /** A substring of title or description, or the key. */
  readonly q?: string | undefined;
  /** Those in the trash, for who may restore them. */
  readonly deleted?: boolean | undefined;
  readonly sort?: TaskSort | undefined;
}

/** The conditions of a filter on tasks `t`, first of all that the asker sees them. */
export function conditionsOf(actor: Actor, filter: Omit<TaskFilter, keyof PageRequest | "sort">, now: Date): Sql[] {
  const { deleted, updated_since } = filter;
  const conditions = [visible(actor, filter.project_id, deleted === true)];
  const add = <T>(value: T | undefined, condition: (value: T) => Sql) => {
    if (value !== undefined) conditions.push(condition(value));
  };
  if (deleted === true) conditions.push(raw("t.deleted_at is not null"));
  else if (deleted === false || updated_since === undefined) conditions.push(raw("t.deleted_at is null"));
  add(filter.project_id, (id) => sql`t.project_id = ${id}`);
  add(filter.status, (status) => sql`t.status = ${status}`);
  add(filter.priority, (priority) => sql`t.priority = ${priority}`);
  add(filter.assignee_id, (id) => sql`t.id in (select task_id from task_assignees where user_id = ${id})`);
  add(filter.creator_id, (id) => sql`t.creator_id = ${id}`);
  add(filter.label, (label) => sql`t.id in (select task_id from task_labels where label = ${label})`);
  add(filter.parent_id, (id) => sql`t.parent_id = ${id}`);
  add(filter.due_before, (time) => sql`t.due_at < ${time}`);
  add(filter.due_after, (time) => sql`t.due_at >= ${time}`);
  add(filter.overdue, (is) => (is ? overdue(now) : sql`(${overdue(now)}) is not 1`));
  add(updated_since, (time) => sql`t.updated_at >= ${time}`);
  add(filter.q, matching);
  return conditions;
}

const overdue = (now: Date) => sql`t.due_at < ${now.toISOString()} and t.status not in ('completed', 'cancelled')`;

function visible(actor: Actor, project_id: string | undefined, deleted: boolean): Sql {
  if (actor.is_superuser) return raw("1");
  const shared = seesProject(actor, raw("t.project_id"), deleted ? writers : undefined);
  if (project_id !== undefined) return shared;
  return sql`${shared} or (t.project_id is null and t.creator_id = ${actor.user_id})`;
}
