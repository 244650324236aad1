import { raw, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import { type TaskScope, tasksIn } from "./scope.ts";

/** How deep a tree of tasks may be: a task without a parent is the first level. */
export const deepest = 5;

/** The ids of a task and all below it, in SQL. */
export function withSubtasks(task_id: string): Sql {
  return sql`(with recursive below (id) as (
    select ${task_id}
    union select t.id from tasks t join below on t.parent_id = below.id)
    select id from below)`;
}

/**
 * How many levels a task and what is below it take, in SQL, those in the trash too, for they may come back. No tree is
 * followed further than what is too deep already.
 */
export function heightOf(task_id: string | Sql | null): Sql {
  if (task_id === null) return raw("1");
  return sql`(with recursive below (id, level) as (
    select ${task_id}, 1
    union select t.id, level + 1 from tasks t join below on t.parent_id = below.id where level <= ${deepest})
    select max(level) from below)`;
}

/** On which level a task is, in SQL; otherwise as {@link heightOf}. */
export function levelOf(task_id: string): Sql {
  return sql`(with recursive above (id, level) as (
    select ${task_id}, 1
    union select t.parent_id, level + 1 from tasks t join above on t.id = above.id
      where t.parent_id is not null and level <= ${deepest})
    select max(level) from above)`;
}

/**
 * The parts of a command that give a task a parent: it is live, belongs to the same project (or is a personal task of the
 * same user), is neither the task itself nor below it, and has room for the task and all below it.
 *
 * @param parent_id null or undefined: no parent is given
 */
export function parent(parent_id: string | null | undefined, scope: TaskScope): readonly Part[] {
  if (parent_id === null || parent_id === undefined) return [];
  const exists = sql`exists (select 1 from tasks where id = ${parent_id} and deleted_at is null and ${tasksIn(scope)})`;
  const noCycle = sql`not exists (
    with recursive above (id) as (
      select ${parent_id}
      union select t.parent_id from tasks t join above on t.id = above.id where t.parent_id is not null)
    select 1 from above where id = ${scope.id})`;
  return [
    {
      guard: scope.id === null ? exists : sql`${exists} and ${noCycle}`,
      why: () => invalidParent("The parent is a task of the same project, neither this one nor one below it."),
    },
    { guard: sql`${levelOf(parent_id)} + ${heightOf(scope.id)} <= ${deepest}`, why: () => invalidParent(tooDeep) },
  ];
}

/**
 * The part of a command that makes tasks the first level of trees: what hangs below each is not too deep.
 *
 * @param path the field that asks for it
 */
export function fits(task_ids: readonly string[], path: string): Part {
  return {
    guard: sql`not exists (select 1 from json_each(${JSON.stringify(task_ids)}) top where ${heightOf(raw("top.value"))} > ${deepest})`,
    why: () => new StoaError("validation_failed", { errors: [{ path, message: tooDeep }] }),
  };
}

/** What is said of a tree that would be too deep. */
export const tooDeep = `Tasks go ${deepest} levels deep; one without a parent is the first.`;

function invalidParent(message: string): StoaError {
  return new StoaError("validation_failed", { errors: [{ path: "/parent_id", message }] });
}
