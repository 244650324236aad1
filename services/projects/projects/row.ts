import type { Actor } from "@stoa/auth";
import {
  computed,
  jsonArrayOf,
  parseJson,
  pickColumns,
  type RowOf,
  type Select,
  select,
  sql,
  storedJson,
} from "@stoa/db";
import type { ProjectRole } from "@stoa/events";
import { alias } from "drizzle-orm/sqlite-core";
import { roleIn } from "../access.ts";
import { m, memberColumns, membersWithNames, shapeMember } from "../members/row.ts";
import { Project } from "./schema.ts";
import { projects } from "./table.ts";

/** Projects, as {@link projectColumns} and the conditions of lists name them. */
export const p = alias(projects, "p");

const members = jsonArrayOf(
  memberColumns,
  sql`from ${membersWithNames} where ${m.project_id} = ${p.id} order by ${m.joined_at}, ${m.user_id}`,
);

/** The columns of a project as a user sees it: with their role, and the members, longest-standing first, as JSON. */
export const projectColumns = (actor: Actor) => ({
  ...pickColumns(p, Project.properties),
  role: computed<ProjectRole | null>(roleIn(actor, p.id, p.organization_id)),
  members,
});

/** A project as it is read. */
export type ProjectRow = RowOf<ReturnType<typeof projectColumns>>;

/** One project, unless it is being deleted for good. It does not check who may see it. */
export function selectProject(actor: Actor, id: string): Select<ProjectRow> {
  return select(projectColumns(actor), sql`from ${p} where ${p.id} = ${id} and ${p.purged_at} is null`);
}

/** A row as it goes over the wire to someone who sees the project. */
export function shapeProject(actor: Actor, row: ProjectRow & { readonly role: ProjectRole }): Project {
  return {
    ...row,
    working_days: storedJson(row.working_days, "projects.working_days", row.id),
    members: parseJson(row.members).map((member) => shapeMember(actor, member)),
  };
}
