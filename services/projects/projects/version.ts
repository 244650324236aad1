import { type Sql, sql, updateRows } from "@stoa/db";
import { projects } from "./table.ts";

/** The version that a project will have after the command: for its event, which is written first. */
export function nextVersion(project_id: string): Sql {
  return sql`(select version + 1 from projects where id = ${project_id})`;
}

/** Counts a change of a project that its own row does not show, of its members say. */
export function touchProject(project_id: string, time: string, happened: Sql): Sql {
  return updateRows(projects, { version: sql`version + 1`, updated_at: time }, sql`id = ${project_id} and ${happened}`);
}
