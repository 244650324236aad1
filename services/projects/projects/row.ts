import type { Actor } from "@stoa/auth";
import { computed, pickColumns, type RowOf, raw, type Select, select, sql } from "@stoa/db";
import type { ProjectRole } from "@stoa/events";
import { alias } from "drizzle-orm/sqlite-core";
import { roleIn } from "../access.ts";
import { type PersonRow, shapePerson } from "../directory/person.ts";
import { Project } from "./schema.ts";
import { projects } from "./table.ts";

/** Projects, as {@link projectColumns} and the conditions of lists name them. */
export const p = alias(projects, "p");

/** The columns of a project as a user sees it: with their role, and the members, longest-standing first, as JSON. */
export const projectColumns = (actor: Actor) => ({
  ...pickColumns(p, Project.properties),
  role: computed<ProjectRole | null>(roleIn(actor, p.id, p.organization_id)),
  members: computed<string>(
    raw(`(select json_group_array(json_object('user_id', user_id, 'username', username, 'full_name', full_name,
      'is_active', is_active, 'erased_at', erased_at, 'role', role))
      from (select m.user_id, m.role, d.username, d.full_name, d.is_active, d.erased_at
        from members m left join directory d on d.user_id = m.user_id
        where m.project_id = p.id order by m.joined_at, m.user_id))`),
  ),
});

/** A project as it is read. */
export type ProjectRow = RowOf<ReturnType<typeof projectColumns>>;

/** One project, whoever may see it. */
export function selectProject(actor: Actor, id: string): Select<ProjectRow> {
  return select(projectColumns(actor), sql`from ${p} where ${p.id} = ${id}`);
}

/** A row as it goes over the wire to someone who sees the project. */
export function shapeProject(actor: Actor, row: ProjectRow & { readonly role: ProjectRole }): Project {
  const people = JSON.parse(row.members) as (PersonRow & { role: ProjectRole })[];
  return { ...row, members: people.map((person) => ({ ...shapePerson(person, actor), role: person.role })) };
}
