import type { Actor } from "@stoa/auth";
import { raw, type Sql, sql } from "@stoa/db";
import type { ProjectRole } from "@stoa/events";
import { roleIn, roleOf } from "../access.ts";
import { type Person, shapePerson } from "../directory/person.ts";
import type { Project } from "./schema.ts";

/** A project as {@link selectProjects} reads it. */
export interface ProjectRow {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly description: string | null;
  readonly organization_id: string | null;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly deleted_at: string | null;
  /** The asker's role, a superuser's aside. */
  readonly role: ProjectRole | null;
  /** JSON: {@link Person} with a role, longest-standing first. */
  readonly members: string;
}

/** Projects with their members and the asker's role, in one statement. @param rest `where …` and on, of `p` */
export function selectProjects(actor: Actor, rest: Sql): Sql {
  return sql`select p.id, p.key, p.name, p.description, p.organization_id, p.version, p.created_at, p.updated_at,
      p.deleted_at, ${roleIn(actor.user_id, raw("p.id"), raw("p.organization_id"))} as role,
      (select json_group_array(json_object('user_id', user_id, 'username', username, 'full_name', full_name,
        'is_active', is_active, 'erased_at', erased_at, 'role', role))
        from (select m.user_id, m.role, d.username, d.full_name, d.is_active, d.erased_at
          from members m left join directory d on d.user_id = m.user_id
          where m.project_id = p.id order by m.joined_at, m.user_id)) as members
    from projects p ${rest}`;
}

/** One project. */
export function selectProject(actor: Actor, id: string): Sql {
  return selectProjects(actor, sql`where p.id = ${id}`);
}

/** A row as the asker may see it; undefined when they may not. */
export function shapeProject(actor: Actor, row: ProjectRow): Project | undefined {
  const role = roleOf(actor, row.role);
  if (!role || (row.deleted_at !== null && role !== "owner")) return undefined;
  const people = JSON.parse(row.members) as (Person & { role: ProjectRole })[];
  return {
    id: row.id,
    key: row.key,
    name: row.name,
    description: row.description,
    organization_id: row.organization_id,
    role,
    members: people.map((person) => ({ ...shapePerson(person, actor), role: person.role })),
    version: row.version,
    created_at: row.created_at,
    updated_at: row.updated_at,
    deleted_at: row.deleted_at,
  };
}
