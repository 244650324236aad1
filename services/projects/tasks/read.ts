import type { Actor } from "@stoa/auth";
import { type Database, field, prepare, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { OrganizationRole, ProjectRole } from "@stoa/events";
import type { Part } from "@stoa/journal";
import { and, eq, placeholder } from "drizzle-orm";
import { QueryBuilder } from "drizzle-orm/sqlite-core";
import { allows, permissionInTrash, requireAccess, roleFrom } from "../access.ts";
import { members } from "../members/table.ts";
import { organizationMembers } from "../organizations/table.ts";
import { projects } from "../projects/table.ts";
import { shapeTask, taskColumns } from "./row.ts";
import type { Task } from "./schema.ts";
import { tasks } from "./table.ts";

/** A task and what the user may do with it; the creator of a personal task is its owner. */
export interface TaskAccess {
  readonly task: Task;
  readonly role: ProjectRole;
  /** That of its project; UTC for a personal one. */
  readonly timezone: string;
}

/** A task with a user's memberships of its project and of that project's organization. Values: `id`, `user_id`. */
const taskForUser = prepare(
  new QueryBuilder()
    .select({
      ...taskColumns,
      membership: field<ProjectRole | null>(members.role, "membership"),
      organization_role: field<OrganizationRole | null>(organizationMembers.role, "organization_role"),
      timezone: field<string | null>(projects.timezone, "timezone"),
      project_deleted_at: field<string | null>(projects.deleted_at, "project_deleted_at"),
    })
    .from(tasks)
    .leftJoin(members, and(eq(members.project_id, tasks.project_id), eq(members.user_id, placeholder("user_id"))))
    .leftJoin(projects, eq(projects.id, tasks.project_id))
    .leftJoin(
      organizationMembers,
      and(
        eq(organizationMembers.organization_id, projects.organization_id),
        eq(organizationMembers.user_id, placeholder("user_id")),
      ),
    )
    .where(eq(tasks.id, placeholder("id"))),
);

/**
 * Reads a task with the user's role. One in the trash is there for those who may restore it; while its project is there, for
 * those who may restore that.
 *
 * @throws StoaError `not_found` when there is none; `forbidden` when the user may not see it.
 */
export async function accessTask(db: Database, actor: Actor, id: string): Promise<TaskAccess> {
  const [row] = await db.query(taskForUser({ id, user_id: actor.user_id }));
  if (!row) throw noSuchTask();
  const { membership, organization_role, timezone, project_deleted_at, ...stored } = row;
  const owner = actor.is_superuser || stored.creator_id === actor.user_id;
  const role = stored.project_id === null ? (owner ? "owner" : null) : roleFrom(actor, membership, organization_role);
  if (stored.deleted_at !== null && !allows(role, permissionInTrash(project_deleted_at))) throw noSuchTask();
  if (stored.project_id === null && role === null) {
    throw new StoaError("forbidden", { detail: "This is someone else's personal task." });
  }
  requireAccess(role, "read");
  return { task: shapeTask(stored), role, timezone: timezone ?? "UTC" };
}

/** A task. @throws StoaError `not_found`, `forbidden`. */
export async function readTask(db: Database, actor: Actor, id: string): Promise<Task> {
  return (await accessTask(db, actor, id)).task;
}

/** A task that is not in the trash: what may be changed. @throws StoaError `not_found`, `forbidden`. */
export async function accessLiveTask(db: Database, actor: Actor, id: string): Promise<TaskAccess> {
  const access = await accessTask(db, actor, id);
  if (access.task.deleted_at !== null) {
    throw new StoaError("not_found", { detail: "The task is in the trash; restore it first." });
  }
  return access;
}

/**
 * The part of a command that a task is where it was read, not in the trash and in the same project, and is called the same:
 * its event says so. It is decided anew when not.
 */
export function inPlace({ id, project_id, title }: Pick<Task, "id" | "project_id" | "title">) {
  return {
    guard: sql`exists (select 1 from tasks
      where id = ${id} and deleted_at is null and project_id is ${project_id} and title = ${title})`,
  } satisfies Part;
}

/** Why a task is not found. */
export function noSuchTask(): StoaError {
  return new StoaError("not_found", { detail: "There is no such task." });
}
