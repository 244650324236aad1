import { type Sql, sql } from "@stoa/db";

/** The ids of a task and all below it, in SQL. */
export function withSubtasks(task_id: string): Sql {
  return sql`(with recursive below (id) as (
    select ${task_id}
    union select t.id from tasks t join below on t.parent_id = below.id)
    select id from below)`;
}
