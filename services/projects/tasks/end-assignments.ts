import { raw, type Sql, sql } from "@stoa/db";
import type { Cause } from "@stoa/events";
import { commitTime } from "../commit-time.ts";
import { noEarlier } from "../no-earlier.ts";
import { appendEachTask } from "./append-each.ts";

/**
 * Takes someone off all tasks of some projects, with an event for each: part of what ends a membership.
 *
 * @param there the condition of the tasks `t`, by their project
 */
export function endAssignments(cause: Cause, there: Sql, user_id: string, happened: Sql, time: string): Sql[] {
  const theirs = sql`${there} and t.row in (select task_row from task_assignees where user_id = ${user_id})`;
  const others = sql`(select json_group_array(value) from json_each(t.assignee_ids) where value <> ${user_id})`;
  const more = sql`json_object('user_ids', json_array(${user_id}), 'changes', json_array(json_object(
    'field', 'assignee_ids', 'from', json(t.assignee_ids), 'to', json(${others}))))`;
  return [
    appendEachTask(happened, { cause, type: "task.unassigned", time, where: theirs, more }),
    sql`update tasks as t set assignee_ids = ${others}, version = version + 1, updated_at = ${noEarlier(time)},
        changed_at = ${raw(commitTime)}
      where ${theirs} and ${happened}`,
    sql`delete from task_assignees where user_id = ${user_id}
      and task_row in (select t.row from tasks t where ${there}) and ${happened}`,
  ];
}

/** The condition of tasks `t` of any project: not of those that are personal. */
export const ofAnyProject = raw("t.project_id is not null");
