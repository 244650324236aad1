import { type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import { type TaskScope, tasksIn } from "./scope.ts";

/** The ids of a task and all below it, in SQL. */
export function withSubtasks(task_id: string): Sql {
  return sql`(with recursive below (id) as (
    select ${task_id}
    union select t.id from tasks t join below on t.parent_id = below.id)
    select id from below)`;
}

/**
 * The part of a command that gives a task a parent: it is live, belongs to the same project (or is a personal task of the
 * same user), and is neither the task itself nor below it.
 *
 * @param parent_id null or undefined: no parent is given
 */
export function parent(parent_id: string | null | undefined, scope: TaskScope): Part {
  if (parent_id === null || parent_id === undefined) return {};
  const exists = sql`exists (select 1 from tasks where id = ${parent_id} and deleted_at is null and ${tasksIn(scope)})`;
  const noCycle = sql`not exists (
    with recursive above (id) as (
      select ${parent_id}
      union select t.parent_id from tasks t join above on t.id = above.id where t.parent_id is not null)
    select 1 from above where id = ${scope.id})`;
  return {
    guard: scope.id === null ? exists : sql`${exists} and ${noCycle}`,
    why: () => {
      const message = "The parent is a task of the same project, neither this one nor one below it.";
      return new StoaError("validation_failed", { errors: [{ path: "/parent_id", message }] });
    },
  };
}
