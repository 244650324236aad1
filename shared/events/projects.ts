import { type Static, Type } from "@sinclair/typebox";
import { closed, Id, Nullable } from "./schema.ts";

/** Roles in a project, most rights first. */
export const ProjectRole = Type.Union([Type.Literal("owner"), Type.Literal("developer"), Type.Literal("viewer")], {
  title: "ProjectRole",
});
/** A role in a project. */
export type ProjectRole = Static<typeof ProjectRole>;

/** The status of a task. */
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
/** The status of a task. */
export type TaskStatus = Static<typeof TaskStatus>;

/** Priorities of a task, lowest first. */
export const TaskPriority = Type.Union(
  [Type.Literal("low"), Type.Literal("medium"), Type.Literal("high"), Type.Literal("urgent")],
  { title: "TaskPriority" },
);
/** The priority of a task. */
export type TaskPriority = Static<typeof TaskPriority>;

/** One changed field, before and after. */
export const Change = closed({
  field: Type.String({ description: "The name of the field." }),
  from: Type.Unknown({ description: "Its value before." }),
  to: Type.Unknown({ description: "Its value after." }),
});
/** One changed field, before and after. */
export type Change = Static<typeof Change>;

/** The version of the project or task after the event. */
const version = Type.Integer();
const changes = Type.Array(Change);
/** Whose doing it was, where it was not a user's by hand: a batch save. */
const source = Type.Optional(Type.Literal("import"));
/** The fields of every event of a task: where it belongs, and its title at that moment. */
const task = {
  task_id: Id,
  project_id: Nullable(Id),
  key: Nullable(Type.String()),
  title: Type.String(),
  version,
  source,
};
/** The fields of every event of a project. */
const project = { project_id: Id, name: Type.String(), version, source };

/**
 * The events of projects. The aggregate is the project (for a personal task: its creator), and the entity of a task's
 * event is the task.
 *
 * - `project.trashed` and `project.restored` apply to the project's tasks too, which get no event of their own.
 * - `task.completed` and `task.reopened` are appended whenever the status becomes completed or stops being so, by
 *   whichever route; `changes` holds everything that changed. `task.updated` is any other change.
 * - `task.assigned` means that assignees were added; `removed_user_ids` are those removed by the same request.
 *   `task.unassigned` means that assignees were only removed. `changes` holds what else changed, such as
 *   `assignee_ids`. A task that is created with assignees lists them in `task.created`.
 * - `import.saved` ends a batch save that has changed something; the aggregate is its user. Whatever it changed has events
 *   of its own, with `source: "import"`.
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
  /** `source` is the name of the other system; the counts are those of the answer. */
  "import.saved": closed({
    user_id: Id,
    source: Type.String(),
    created: Type.Integer(),
    updated: Type.Integer(),
    unchanged: Type.Integer(),
    failed: Type.Integer(),
  }),
} as const;
