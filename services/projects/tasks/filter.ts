import type { Actor } from "@stoa/auth";
import { listed, raw, type Sql, sql } from "@stoa/db";
import type { PageRequest } from "@stoa/http/list/index";
import { accessible } from "../access.ts";
import type { TasksQuery } from "./schema.ts";
import { closed } from "./status.ts";

/** Which tasks; `TasksQuery` without page and sort. */
export type TaskFilter = Omit<TasksQuery, keyof PageRequest | "sort">;

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
  add(filter.status, (status) => sql`t.status = ${status}`);
  add(filter.priority, (priority) => sql`t.priority = ${priority}`);
  add(filter.assignee_id, (id) => sql`t.id in (select task_id from task_assignees where user_id = ${id})`);
  add(filter.creator_id, (id) => sql`t.creator_id = ${id}`);
  add(filter.label, (label) => sql`t.id in (select task_id from task_labels where label = ${label})`);
  add(filter.parent_id, (id) => sql`t.parent_id = ${id}`);
  add(filter.due_before, (time) => sql`t.due_at < ${time}`);
  add(filter.due_after, (time) => sql`t.due_at >= ${time}`);
  add(filter.overdue, (is) => (is ? overdue(now) : sql`(${overdue(now)}) is not 1`));
  add(updated_since, (time) => changedSince(actor, time));
  add(filter.q, containing);
  return conditions;
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

/**
 * The condition that a task holds a text: in its title or description, or as its key. Three characters and more are looked
 * up in the index; fewer make no trigram, so those are looked for in the rows.
 */
function containing(text: string): Sql {
  const key = sql`t.key = ${text.toUpperCase()}`;
  if ([...text].length >= 3) {
    const phrase = `"${text.replaceAll('"', '""')}"`;
    return sql`t.row in (select rowid from tasks_text where tasks_text match ${phrase}) or ${key}`;
  }
  const pattern = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  return sql`t.title like ${pattern} escape '\\' or t.description like ${pattern} escape '\\' or ${key}`;
}
