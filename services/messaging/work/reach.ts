import { among, computed, type Database, raw, type Sql, select, sql } from "@stoa/db";
import type { ProjectRole } from "@stoa/events";

/** Who sees which projects, of those who listen. */
export interface Reach {
  /** The roles in a project that is not gone, by user. */
  roles(project_id: string): ReadonlyMap<string, ProjectRole>;
  /** Whether a user sees a project: its members and those of its organization, in the trash its owners alone. */
  sees(project_id: string, user_id: string): boolean;
  /** Whether a user sees what lies in a project's trash. */
  writes(project_id: string, user_id: string): boolean;
  /** Those who belong to an organization. */
  members(organization_id: string): readonly string[];
}

/** With more listeners than this the database is not given their ids: all members are read, and filtered here. */
const MANY = 500;

/**
 * Reads who sees some projects now, as projects itself decides it: the roles of members, and of those who belong to its
 * organization, whose owners and admins are owners of its projects and whose other members look on. A superuser who is
 * neither sees everything when they ask for it, and is told of nothing.
 */
export async function reachOf(
  db: Database,
  { projects, organizations }: { projects: readonly string[]; organizations: readonly string[] },
  users: ReadonlySet<string>,
): Promise<Reach> {
  const listening = (column: string): Sql =>
    users.size > MANY ? raw("1") : sql`${raw(column)} in ${among([...users])}`;
  const role = computed<ProjectRole>(raw("role"));
  const [id, user_id] = [computed<string>(raw("id")), computed<string>(raw("user_id"))];
  const [direct, belonging, trashed] = await db.queryAll([
    select(
      { id, user_id, role },
      sql`from (select m.project_id as id, m.user_id, m.role from memberships m
          where m.project_id in ${among(projects)} and ${listening("m.user_id")}
        union all select p.id, o.user_id, case when o.role in ('owner', 'admin') then 'owner' else 'viewer' end
          from projects p join organization_members o on o.organization_id = p.organization_id
          where p.id in ${among(projects)} and ${listening("o.user_id")})`,
    ),
    select(
      { id, user_id },
      sql`from (select o.organization_id as id, o.user_id from organization_members o
        where o.organization_id in ${among(organizations)} and ${listening("o.user_id")})`,
    ),
    select({ id }, sql`from projects where id in ${among(projects)} and trashed_at is not null`),
  ]);
  const roles = new Map<string, Map<string, ProjectRole>>();
  for (const each of direct) {
    if (!users.has(each.user_id)) continue;
    const known = roles.get(each.id) ?? new Map<string, ProjectRole>();
    known.set(each.user_id, higher(known.get(each.user_id), each.role));
    roles.set(each.id, known);
  }
  const members = Map.groupBy(
    belonging.filter((each) => users.has(each.user_id)),
    (each) => each.id,
  );
  const inTrash = new Set(trashed.map((each) => each.id));
  return {
    roles: (project) => roles.get(project) ?? nobody,
    sees: (project, user) => {
      const its = roles.get(project)?.get(user);
      return its !== undefined && (its === "owner" || !inTrash.has(project));
    },
    writes: (project, user) => {
      const its = roles.get(project)?.get(user);
      return its === "owner" || (its === "developer" && !inTrash.has(project));
    },
    members: (organization) => (members.get(organization) ?? []).map((each) => each.user_id),
  };
}

const nobody: ReadonlyMap<string, ProjectRole> = new Map();

const order: readonly ProjectRole[] = ["viewer", "developer", "owner"];

function higher(one: ProjectRole | undefined, other: ProjectRole): ProjectRole {
  return one === undefined || order.indexOf(other) > order.indexOf(one) ? other : one;
}
