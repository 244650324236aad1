import { type Sql, sql } from "@stoa/db";

/**
 * Selects who follows a task, as `user_id`, each once: whoever made it, is assigned to it, wrote about it, was mentioned
 * there or asked to; and not those who asked not to.
 *
 * @param task_id a value, or SQL of one
 */
export function followersOf(task_id: string): Sql {
  return sql`select user_id from (
      select creator_id as user_id from tasks where id = ${task_id} and creator_id is not null
      union select user_id from task_assignees where task_id = ${task_id}
      union select user_id from task_follows where task_id = ${task_id} and following = 1)
    where user_id not in (select user_id from task_follows where task_id = ${task_id} and following = 0)`;
}
