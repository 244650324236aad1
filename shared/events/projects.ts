import { type Static, Type } from "@sinclair/typebox";
import { closed, Id, Nullable } from "./schema.ts";

/** Roles in a project, most rights first. */
export const ProjectRole = Type.Union([Type.Literal("owner"), Type.Literal("developer"), Type.Literal("viewer")], {
  title: "ProjectRole",
});
/** A role in a project. */
export type ProjectRole = Static<typeof ProjectRole>;

/** Where a task stands. */
export const TaskStatus = Type.Union(
  [
    Type.Literal("pending"),
    Type.Literal("in_progress"),
    Type.Literal("in_review"),
    Type.Literal("completed"),
    Type.Literal("cancelled"),
  ],
  { title: "TaskStatus" },
);
/** Where a task stands. */
export type TaskStatus = Static<typeof TaskStatus>;

/** How much a task matters, least first. */
export const TaskPriority = Type.Union(
  [Type.Literal("low"), Type.Literal("medium"), Type.Literal("high"), Type.Literal("urgent")],
  { title: "TaskPriority" },
);
/** How much a task matters. */
export type TaskPriority = Static<typeof TaskPriority>;

/** One changed field, before and after. */
export const Change = closed({
  field: Type.String({ description: "The name of the field." }),
  from: Type.Unknown({ description: "Its value before." }),
  to: Type.Unknown({ description: "Its value after." }),
});
/** One changed field, before and after. */
export type Change = Static<typeof Change>;

/** The version that the project or task has after the fact. */
const version = Type.Integer();
const changes = Type.Array(Change);
/** What every fact of a task says: where it belongs and what it was called at that moment. */
const task = { task_id: Id, project_id: Nullable(Id), key: Nullable(Type.String()), title: Type.String(), version };
/** What every fact of a project says. */
const project = { project_id: Id, name: Type.String(), version };

/**
 * Facts of projects; the aggregate is the project (for a personal task, its creator), the entity of a task's fact
 * is the task.
 *
 * - `project.trashed` and `project.restored` hold for the project's tasks too; these have no fact of their own then.
 * - `task.completed` and `task.reopened` are said whenever the status crosses that line, by whichever route, with
 *   everything else that changed in `changes`; `task.updated` is any other change.
 * - `task.assigned`: someone was added (`removed_user_ids` those taken off at once); `task.unassigned`: only taken off.
 *   `changes` is what changed besides, so `assignee_ids`. A task created with assignees says so in `task.created`.
 */
export const projectsEvents = {
  "project.created": closed({ ...project, key: Type.String(), organization_id: Nullable(Id), owner_id: Id }),
  "project.updated": closed({ ...project, changes }),
  "project.trashed": closed(project),
  "project.restored": closed(project),
  "project.member_added": closed({ ...project, user_id: Id, role: ProjectRole }),
  "project.member_role_changed": closed({ ...project, user_id: Id, from: ProjectRole, to: ProjectRole }),
  "project.member_removed": closed({ ...project, user_id: Id, role: ProjectRole }),
  "task.created": closed({
    ...task,
    status: TaskStatus,
    priority: TaskPriority,
    assignee_ids: Type.Array(Id),
    changes,
  }),
  "task.updated": closed({ ...task, changes }),
  "task.moved": closed({ ...task, changes }),
  "task.assigned": closed({ ...task, user_ids: Type.Array(Id), removed_user_ids: Type.Array(Id), changes }),
  "task.unassigned": closed({ ...task, user_ids: Type.Array(Id), changes }),
  "task.completed": closed({ ...task, changes }),
  "task.reopened": closed({ ...task, changes }),
  "task.trashed": closed(task),
  "task.restored": closed(task),
} as const;
