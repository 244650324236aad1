import type { Actor } from "@stoa/auth";
import { join, listed, raw, type Sql, sql } from "@stoa/db";
import type { PageRequest } from "@stoa/http/list/index";
import { accessible } from "../access.ts";
import { rowsWithKey } from "./keys.ts";
import type { TasksQuery } from "./schema.ts";
import { closed } from "./status.ts";

/** Which tasks; `TasksQuery` without page, sort and what is searched. */
export type TaskFilter = Omit<TasksQuery, keyof PageRequest | "sort" | "q">;

/** The conditions of a filter on tasks `t`, first of all that the user sees them. */
export function conditionsOf(actor: Actor, filter: TaskFilter, now: Date): Sql[] {
  const { deleted, updated_since } = filter;
  const conditions = [visible(actor, filter.project_id, deleted === true)];
  const add = <T>(value: T | undefined, condition: (value: T) => Sql) => {
    if (value !== undefined) conditions.push(condition(value));
  };
  if (deleted === true) conditions.push(raw("t.deleted_at is not null"));
  else if (deleted === false || updated_since === undefined) conditions.push(raw("t.deleted_at is null"));
  add(filter.project_id, (id) => sql`t.project_id = ${id}`);
  add(filter.status, (statuses) => sql`t.status in ${listed(statuses)}`);
  add(filter.priority, (priorities) => sql`t.priority in ${listed(priorities)}`);
  add(filter.assignee_id, (users) => assignedTo(namedBy(actor, users)));
  // Everything was created by somebody.
  add(filter.creator_id, (users) => sql`t.creator_id in ${listed(namedBy(actor, users).ids)}`);
  add(filter.label, (labels) => sql`t.id in (select task_id from task_labels where label in ${listed(labels)})`);
  add(filter.key, (keys) => withKey(keys));
  add(filter.parent_id, (id) => sql`t.parent_id = ${id}`);
  add(filter.due_before, (time) => sql`t.due_at < ${time}`);
  add(filter.due_after, (time) => sql`t.due_at >= ${time}`);
  add(filter.overdue, (is) => (is ? overdue(now) : sql`(${overdue(now)}) is not 1`));
  add(filter.completed_since, (time) => sql`t.completed_at >= ${time}`);
  add(filter.is_blocked, (is) => sql`t.is_blocked = ${raw(is ? "1" : "0")}`);
  add(updated_since, (time) => changedSince(actor, time));
  return conditions;
}

/** Who a list of users names: the ids, `me` among them as the asker's, and whether `none` is one of them. */
export function namedBy({ user_id }: Actor, users: readonly string[]) {
  const ids = users.filter((user) => user !== "none").map((user) => (user === "me" ? user_id : user.toLowerCase()));
  return { ids, nobody: users.includes("none") };
}

function assignedTo({ ids, nobody }: ReturnType<typeof namedBy>): Sql {
  const theirs = sql`t.id in (select task_id from task_assignees where user_id in ${listed(ids)})`;
  return nobody ? sql`${theirs} or t.assignee_ids = '[]'` : theirs;
}

/** One of these keys; what is no key is no task's. */
function withKey(keys: readonly string[]): Sql {
  const rows = keys.flatMap((key) => rowsWithKey(key, "exactly")?.(raw("1")) ?? []);
  return rows.length === 0 ? raw("0") : sql`t.row in (${join(rows, " union ")})`;
}

/** Something that it shows has changed since then, or the user has got access to it. */
function changedSince({ user_id }: Actor, time: string): Sql {
  return sql`t.updated_at >= ${time} or t.changed_at >= ${time}
    or t.project_id in (select project_id from access_changes where user_id = ${user_id} and gained_at >= ${time})`;
}

const overdue = (now: Date) => sql`t.due_at < ${now.toISOString()} and t.status not in ${listed(closed)}`;

function visible(actor: Actor, project_id: string | undefined, deleted: boolean): Sql {
  if (actor.is_superuser) return raw("1");
  const shared = accessible(actor, deleted ? "write" : "read", raw("t.project_id"));
  if (project_id !== undefined) return shared;
  return sql`${shared} or (t.project_id is null and t.creator_id = ${actor.user_id})`;
}
