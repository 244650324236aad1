import { type Handler, on } from "@stoa/bus/types";
import { sql } from "@stoa/db";

/** Follows go with their task, with its project, and with their user. They stand before the projection of tasks. */
export const followHandlers: readonly Handler[] = [
  on("reaction", "task.purged", ({ data }) => [sql`delete from task_follows where task_id = ${data.task_id}`]),
  on("reaction", "project.purged", ({ data }) => [
    sql`delete from task_follows where task_id in (select id from tasks where project_id = ${data.project_id})`,
  ]),
  on("reaction", "user.erased", ({ data }) => [sql`delete from task_follows where user_id = ${data.user_id}`]),
];
