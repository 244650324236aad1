import { type Sql, type SqlPart, sql } from "@stoa/db";
import { seesByOrganization } from "../tasks/row.ts";

/**
 * Selects who follows a task, as `user_id`, each once: whoever made it, is assigned to it, wrote about it, was mentioned
 * there or asked to; and not those who asked not to.
 *
 * @param task_id a value, or SQL of one
 */
export function followersOf(task_id: SqlPart): Sql {
  return sql`select user_id from (
      select creator_id as user_id from tasks where id = ${task_id} and creator_id is not null
      union select user_id from task_assignees where task_id = ${task_id}
      union select user_id from task_follows where task_id = ${task_id} and following = 1)
    where user_id not in (select user_id from task_follows where task_id = ${task_id} and following = 0)`;
}

/**
 * The condition that whoever follows a task is told of what is said about it: they are in the conversation and have not muted
 * it, or see the task by its organization alone.
 */
export function hears(user_id: SqlPart, conversation_id: SqlPart, project_id: Sql): Sql {
  const own = sql`from participants h where h.conversation_id = ${conversation_id} and h.user_id = ${user_id} and h.left_at is null`;
  return sql`(exists (select 1 ${own} and h.muted = 0)
    or (not exists (select 1 ${own}) and ${seesByOrganization(user_id, project_id)}))`;
}
