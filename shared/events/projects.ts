import { type Static, Type } from "@sinclair/typebox";
import { closed, Id, Nullable } from "./schema.ts";

/** Roles in a project, most rights first. */
export const ProjectRole = Type.Union([Type.Literal("owner"), Type.Literal("developer"), Type.Literal("viewer")]);
/** A role in a project. */
export type ProjectRole = Static<typeof ProjectRole>;

/** Where a task stands. */
export const TaskStatus = Type.Union([
  Type.Literal("pending"),
  Type.Literal("in_progress"),
  Type.Literal("in_review"),
  Type.Literal("completed"),
  Type.Literal("cancelled"),
]);
/** Where a task stands. */
export type TaskStatus = Static<typeof TaskStatus>;

/** One changed field, before and after. */
export const Change = closed({ field: Type.String(), from: Type.Unknown(), to: Type.Unknown() });
/** One changed field, before and after. */
export type Change = Static<typeof Change>;

/** What every fact of a task says: where it belongs and what it was called at that moment. */
const task = { task_id: Id, project_id: Nullable(Id), key: Nullable(Type.String()), title: Type.String() };
/** What every fact of a project says. */
const project = { project_id: Id, name: Type.String() };

/**
 * Facts of projects; the aggregate is the project (for a personal task, its creator), the entity of a task's fact
 * is the task.
 */
export const projectsEvents = {
  "project.created": closed({
    ...project,
    key: Type.String(),
    organization_id: Nullable(Id),
    owner_id: Id,
  }),
  "project.updated": closed({ ...project, changes: Type.Array(Change) }),
  "project.trashed": closed(project),
  "project.restored": closed(project),
  "project.member_added": closed({ ...project, user_id: Id, role: ProjectRole }),
  "project.member_role_changed": closed({ ...project, user_id: Id, from: ProjectRole, to: ProjectRole }),
  "project.member_removed": closed({ ...project, user_id: Id, role: ProjectRole }),
  "task.created": closed({
    ...task,
    status: TaskStatus,
    priority: Type.String(),
    assignee_ids: Type.Array(Id),
    changes: Type.Array(Change),
  }),
  "task.updated": closed({ ...task, changes: Type.Array(Change) }),
  "task.assigned": closed({
    ...task,
    user_ids: Type.Array(Id),
    removed_user_ids: Type.Array(Id),
    changes: Type.Array(Change),
  }),
  "task.unassigned": closed({ ...task, user_ids: Type.Array(Id), changes: Type.Array(Change) }),
  "task.completed": closed({ ...task, changes: Type.Array(Change) }),
  "task.reopened": closed({ ...task, changes: Type.Array(Change) }),
  "task.trashed": closed(task),
  "task.restored": closed(task),
} as const;
