import { type Sql, sql } from "@stoa/db";

/**
 * The condition that a task of `report_completions c` stood completed in its project at a moment, the project not being
 * in the trash.
 *
 * @param project_id the task's own
 * @param end the moment, in SQL: events before it count
 */
export function completedAt(project_id: string, end: Sql): Sql {
  return sql`c.since < ${end} and (c.until is null or c.until >= ${end}) and not ${inTrashAt(project_id, end)}`;
}

/** The condition that a project was in the trash at a moment. */
export function inTrashAt(project_id: string, end: Sql): Sql {
  return sql`exists (select 1 from report_trashings x
    where x.project_id = ${project_id} and x.since < ${end} and (x.until is null or x.until >= ${end}))`;
}
