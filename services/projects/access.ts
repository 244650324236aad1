import type { Actor } from "@stoa/auth";
import { composeOnce, listed, raw, type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { OrganizationRole, ProjectRole } from "@stoa/events";
import { notErased, type Part } from "@stoa/journal";
import type { Column } from "drizzle-orm";
import type { Task } from "./tasks/schema.ts";

/**
 * What a user may do in a project, by their role there. Every right of this service is one of these: `requireAccess`
 * checks it on what was read, `access` guards a command with it, `accessible` narrows a list to it.
 */
export type Permission = keyof typeof rolesWith;

const rolesWith = {
  /** See the project, its members and its tasks. */
  read: ["owner", "developer", "viewer"],
  /** Make and change tasks, see and restore those in the trash. */
  write: ["owner", "developer"],
  /** Change the project and its members, see and restore it in the trash. */
  manage: ["owner"],
} as const satisfies Record<string, readonly ProjectRole[]>;

/** The roles in an organization that make their holders owners of its projects; its other members are viewers. */
export const owning: readonly OrganizationRole[] = ["owner", "admin"];

/** Whether a role gives a permission. Null: no role at all. */
export function allows(role: ProjectRole | null, permission: Permission): role is ProjectRole {
  const roles: readonly (ProjectRole | null)[] = rolesWith[permission];
  return roles.includes(role);
}

/**
 * What a user needs in a project to see one of its tasks that is in the trash: to be able to restore it. A task that lies there
 * with its project comes back with it alone, which its owners open.
 *
 * @param project_deleted_at of the task's project; null for a personal task
 */
export function permissionInTrash(project_deleted_at: string | null | undefined): Permission {
  return typeof project_deleted_at === "string" ? "manage" : "write";
}

/** @throws StoaError `forbidden` unless the role gives the permission */
export function requireAccess(role: ProjectRole | null, permission: Permission): asserts role is ProjectRole {
  if (!allows(role, permission)) throw forbidden(permission);
}

/**
 * The part of a command that its user still has the permission in the project. Memberships end with an erasure, a
 * superuser's rights only with the superuser. Of one project it is asked directly: SQLite would collect all of a user's
 * projects to look for it among them.
 */
export function access(actor: Actor, permission: Permission, project_id: string): Part & { readonly guard: Sql } {
  const { user_id, is_superuser } = actor;
  if (is_superuser) return notErased(actor);
  return { guard: heldBy[permission]({ user_id, project_id }), why: () => forbidden(permission) };
}

/** The part of a command that its user may still change a task; a personal one is its creator's until they are erased. */
export function accessToTask(actor: Actor, { project_id }: Pick<Task, "project_id">) {
  return project_id === null ? notErased(actor) : access(actor, "write", project_id);
}

/**
 * The part of a command that its user may still work on a task, which is to complete it, to reopen it and to record their
 * work: everyone who may change it, and its assignees, viewers too.
 *
 * @param role the user's role in the task's project
 * @throws StoaError `forbidden` when they may not, as it was read
 */
export function accessToWork(actor: Actor, task: Task, role: ProjectRole): Part {
  const why = () => {
    const detail = "You need the role owner or developer in this project, or the task assigned to you.";
    return new StoaError("forbidden", { detail });
  };
  if (!allows(role, "write") && !task.assignee_ids.includes(actor.user_id)) throw why();
  const change = accessToTask(actor, task);
  if (actor.is_superuser || task.project_id === null) return change;
  // Whoever had the one right may have the other by now.
  const assigned = sql`exists (select 1 from tasks t join task_assignees a on a.task_row = t.row
    where t.id = ${task.id} and a.user_id = ${actor.user_id})`;
  return { guard: sql`${change.guard} or ${assigned}`, why };
}

/** The condition that a user has the permission in a project. @param project_id a column, or a value in SQL */
export function accessible(actor: Actor, permission: Permission, project_id: Column | Sql): Sql {
  if (actor.is_superuser) return raw("1");
  return sql`${project_id} in (${projectsOf(actor.user_id, permission)})`;
}

/** Selects the projects in which a user has the permission, a superuser's rights aside: as `project_id`, each once. */
export function projectsOf(user_id: string, permission: Permission): Sql {
  return sql`select project_id from members where user_id = ${user_id} and role in ${listed(rolesWith[permission])}
    union select p.id from organization_members o join projects p on p.organization_id = o.organization_id
      where o.user_id = ${user_id}${inOrganization(permission)}`;
}

/** Selects the projects whose tasks in the trash a user sees, a superuser's rights aside: as `project_id`, each once. */
export function trashesOf(user_id: string): Sql {
  return sql`select w.project_id from (${projectsOf(user_id, "write")}) w
      cross join projects tp on tp.id = w.project_id and tp.deleted_at is null
    union ${projectsOf(user_id, "manage")}`;
}

/** The condition of a member `o` of a project's organization, beside its user. */
function inOrganization(permission: Permission): Sql {
  return allows("viewer", permission) ? raw("") : sql` and o.role in ${listed(owning)}`;
}

/** The condition that a user has the permission in one project. Most commands of the service have it. */
const held = (permission: Permission) =>
  composeOnce((value: (name: "user_id" | "project_id") => Sql) => {
    const [user_id, project_id] = [value("user_id"), value("project_id")];
    return sql`exists (select 1 from members
        where project_id = ${project_id} and user_id = ${user_id} and role in ${listed(rolesWith[permission])})
      or exists (select 1 from projects p join organization_members o on o.organization_id = p.organization_id
        where p.id = ${project_id} and o.user_id = ${user_id}${inOrganization(permission)})`;
  });
const heldBy = { read: held("read"), write: held("write"), manage: held("manage") } as const;

/**
 * A user's role in a project, in SQL: owners and admins of its organization are owners of it, its other members look on
 * unless they are members of the project too. Null: none.
 */
export function roleIn(actor: Actor, project_id: Column, organization_id: Column): Sql {
  if (actor.is_superuser) return raw("'owner'");
  const inOrganization = sql`from organization_members where organization_id = ${organization_id}
    and user_id = ${actor.user_id}`;
  return sql`coalesce((select 'owner' ${inOrganization} and role in ${listed(owning)}),
    (select role from members where project_id = ${project_id} and user_id = ${actor.user_id}),
    (select 'viewer' ${inOrganization}))`;
}

/** The same from what was read: what the user is in the project and in its organization. */
export function roleFrom(
  actor: Pick<Actor, "is_superuser">,
  membership: ProjectRole | null,
  organization_role: OrganizationRole | null,
): ProjectRole | null {
  if (actor.is_superuser || (organization_role !== null && owning.includes(organization_role))) return "owner";
  return membership ?? (organization_role === null ? null : "viewer");
}

function forbidden(permission: Permission): StoaError {
  const detail =
    permission === "read"
      ? "You are not a member of this project."
      : `You need the role ${rolesWith[permission].join(" or ")} in this project.`;
  return new StoaError("forbidden", { detail });
}
