import { type Sql, sql, updateRows } from "@stoa/db";
import type { Part } from "@stoa/journal";
import type { Project } from "./schema.ts";
import { projects } from "./table.ts";

/** The version that a project will have after the command: for its event, which is written first. */
export function nextVersion(project_id: string): Sql {
  return sql`(select version + 1 from projects where id = ${project_id})`;
}

/** What every event of a project has beside its own fields. */
export function aboutProject({ id, organization_id }: Project, time: string) {
  return { aggregate_id: id, entity_id: id, organization_id, time };
}

/**
 * The part of a command that its project is called what was read, and is where it was: its event says so. It is decided
 * anew when not.
 */
export function sameProject({ id, name, organization_id }: Project): Part {
  return {
    guard: sql`exists (select 1 from projects
      where id = ${id} and name = ${name} and organization_id is ${organization_id})`,
  };
}

/** The part of a command that counts a change of a project which its own row does not show, of its members say. */
export function countsAsChange(project_id: string, time: string): Part {
  return {
    effects: (happened) => [
      updateRows(
        projects,
        { version: sql`version + 1`, updated_at: time },
        sql`${projects.id} = ${project_id} and ${happened}`,
      ),
    ],
  };
}
