import type { Actor } from "@stoa/auth";
import { computed, type Database, join, listed, raw, type Sql, select, sql } from "@stoa/db";
import { type Named, namedBy, type PageRequest } from "@stoa/http/list/index";
import { projectsOf, trashesOf } from "../access.ts";
import { movedBack } from "../sync/everything.ts";
import { rowsWithKey } from "./keys.ts";
import type { TasksQuery } from "./schema.ts";
import { inScopes } from "./scope.ts";
import { closed } from "./status.ts";

/** Which tasks; `TasksQuery` without page, sort and what is searched. */
export type TaskFilter = Omit<TasksQuery, keyof PageRequest | "sort" | "q">;

/** The conditions of a filter on tasks `t`, first of all that the user sees them. */
export function conditionsOf(actor: Actor, filter: TaskFilter, now: Date): Sql[] {
  return [visible(actor, filter.project_id, filter.deleted === true), ...filtersOf(actor, filter, now)];
}

/** The conditions of a filter on tasks `t`, whoever may see them. */
export function filtersOf(actor: Actor, filter: TaskFilter, now: Date): Sql[] {
  const { deleted, updated_since } = filter;
  const conditions: Sql[] = [];
  const add = <T>(value: T | undefined, condition: (value: T) => Sql) => {
    if (value !== undefined) conditions.push(condition(value));
  };
  if (deleted === true) conditions.push(raw("t.deleted_at is not null"));
  else if (deleted === false || updated_since === undefined) conditions.push(raw("t.deleted_at is null"));
  add(filter.project_id, (ids) => inScopes(raw("t.scope"), ids));
  add(filter.status, (statuses) => sql`t.status in ${listed(statuses)}`);
  add(filter.priority, (priorities) => sql`t.priority in ${listed(priorities)}`);
  add(filter.assignee_id, (users) => assignedTo(namedBy(actor, users)));
  // Everything was created by somebody.
  add(filter.creator_id, (users) => sql`t.creator_id in ${listed(namedBy(actor, users).ids)}`);
  add(filter.label, (labels) => has(withLabel(labels)));
  add(filter.key, (keys) => withKey(keys));
  add(filter.parent_id, (ids) => sql`t.parent_id in ${listed(ids)}`);
  add(filter.due_before, (time) => sql`t.due_at < ${time}`);
  add(filter.due_after, (time) => sql`t.due_at >= ${time}`);
  add(filter.overdue, (is) => (is ? overdue(now) : sql`(${overdue(now)}) is not 1`));
  add(filter.completed_since, (time) => sql`t.completed_at >= ${time}`);
  add(filter.is_blocked, (is) => sql`t.is_blocked = ${raw(is ? "1" : "0")}`);
  add(updated_since, (time) => changedSince(actor, time));
  return conditions;
}

function assignedTo({ ids, nobody }: Named): Sql {
  const theirs = has(withAssignee(ids));
  return nobody ? sql`${theirs} or t.assignee_ids = '[]'` : theirs;
}

/** Rows of a table of what tasks have, `x`. */
interface Related {
  readonly table: Sql;
  readonly where: Sql;
}

const withLabel = (labels: readonly string[]): Related => ({
  table: raw("task_labels"),
  where: sql`x.label in ${listed(labels)}`,
});

const withAssignee = (ids: readonly string[]): Related => ({
  table: raw("task_assignees"),
  where: sql`x.user_id in ${listed(ids)}`,
});

/** The condition that a task has one of these: asked of each task. SQLite would begin with all of them at an `exists`. */
function has({ table, where }: Related): Sql {
  return sql`(select 1 from ${table} x where x.task_row = t.row and ${where} limit 1) is 1`;
}

/** So many tasks with a label or an assignee are looked up before anything else. */
const FEW = 1_000;

/**
 * The rows of tasks that a list begins with, where a filter asks for what few tasks have, a label or an assignee: selects
 * them as `row`. They are counted first, no further than needed; undefined when they are many or none is asked for.
 */
export async function fewTasks(
  db: Database,
  actor: Actor,
  { label, assignee_id }: TaskFilter,
): Promise<Sql | undefined> {
  const wanted = [
    ...(label ? [withLabel(label)] : []),
    ...(assignee_id && !assignee_id.includes("none") ? [withAssignee(namedBy(actor, assignee_id).ids)] : []),
  ];
  for (const { table, where } of wanted) {
    const some = sql`from (select 1 from ${table} x where ${where} limit ${FEW + 1})`;
    const [counted] = await db.query(select({ rows: computed<number>(raw("count(*)")) }, some));
    if ((counted?.rows ?? 0) <= FEW) {
      return sql`select distinct x.task_row as row from ${table} x where ${where}`;
    }
  }
  return undefined;
}

/** One of these keys; what is no key is no task's. */
function withKey(keys: readonly string[]): Sql {
  const rows = keys.flatMap((key) => rowsWithKey(key, "exactly")?.(raw("1")) ?? []);
  return rows.length === 0 ? raw("0") : sql`t.row in (${join(rows, " union ")})`;
}

/** Something that it shows has changed since then, or the user has got access to it. */
function changedSince({ user_id }: Actor, time: string): Sql {
  return sql`t.updated_at >= ${movedBack(user_id, time)} or t.changed_at >= ${time}
    or t.project_id in (select project_id from access_changes where user_id = ${user_id} and gained_at >= ${time})`;
}

const overdue = (now: Date) => sql`t.due_at < ${now.toISOString()} and t.status not in ${listed(closed)}`;

function visible(actor: Actor, project_id: TaskFilter["project_id"], deleted: boolean): Sql {
  if (actor.is_superuser) return raw("1");
  const { user_id } = actor;
  const theirs = deleted ? trashesOf(user_id) : projectsOf(user_id, "read");
  if (project_id !== undefined) return sql`t.project_id in (${theirs})`;
  return sql`t.scope in (select row from counters where scope_id in (${theirs} union select ${user_id}))`;
}
