import { computed, type Sql, type SqlPart, sql } from "@stoa/db";
import { alias } from "drizzle-orm/sqlite-core";
import { tasks } from "./table.ts";

/** Tasks, as the conditions here name them. */
export const t = alias(tasks, "t");

/** The condition that a task `t` is there: neither it nor its project lies in the trash. */
export const isThere = sql`(${t.trashed_at} is null and (${t.project_id} is null or exists (
  select 1 from conversations tc where tc.project_id = ${t.project_id} and tc.trashed_at is null)))`;

/**
 * The condition that a user sees a project by its organization, as all of its members do.
 *
 * @param user_id a value, or SQL of one
 * @param project_id SQL of one
 */
export const seesByOrganization = (user_id: SqlPart, project_id: SqlPart): Sql =>
  sql`exists (select 1 from projects op
    join organization_members om on om.organization_id = op.organization_id and om.user_id = ${user_id}
    where op.id = ${project_id} and op.trashed_at is null)`;

/**
 * The condition that a user sees a task `t`: they take part in its project's conversation or belong to its organization, or
 * it is their own.
 */
export const seesTask = (user_id: string): Sql => sql`(${t.trashed_at} is null and case
  when ${t.project_id} is null then ${t.creator_id} = ${user_id}
  else exists (select 1 from conversations tc where tc.project_id = ${t.project_id} and tc.trashed_at is null and (
    exists (select 1 from participants tp where tp.conversation_id = tc.id and tp.user_id = ${user_id}
      and tp.left_at is null)
    or ${seesByOrganization(user_id, t.project_id)})) end)`;

/** The condition that a user sees the task that a message `m` is about. */
export const seesItsTask = (user_id: string): Sql =>
  sql`(m.task_id is not null and exists (select 1 from ${t} where ${t.id} = m.task_id and ${seesTask(user_id)}))`;

/** What decides over a user's rights to the talk about a task. */
export const taskAccessColumns = (user_id: string) => ({
  is_there: computed<number>(isThere),
  sees: computed<number>(seesTask(user_id)),
});
