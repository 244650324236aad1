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
/** The fields of every event of a task: where it belongs, and its title at that moment. */
const task = { task_id: Id, project_id: Nullable(Id), key: Nullable(Type.String()), title: Type.String(), version };
/** The fields of every event of a webhook; its URL is not told, for it may hold a secret. `scope_id`: the project. */
const webhook = { webhook_id: Id, scope_id: Id };
/** The fields of every event of a saved view. */
const view = {
  view_id: Id,
  project_id: Id,
  name: Type.String(),
  is_shared: Type.Boolean(),
  creator_id: Id,
  version,
};
/** The fields of every event of a project. */
const project = { project_id: Id, name: Type.String(), version };

/**
 * The events of projects. The aggregate is the project (for a personal task: its creator), and the entity of a task's
 * event is the task, of a view's or
 * a webhook's the view or webhook.
 *
 * - `project.trashed` and `project.restored` apply to the project's tasks too, which get no event of their own.
 * - `task.completed` and `task.reopened` are appended whenever the status becomes completed or stops being so, by
 *   whichever route; `changes` holds everything that changed. `task.updated` is any other change.
 * - `task.assigned` means that assignees were added; `removed_user_ids` are those removed by the same request.
 *   `task.unassigned` means that assignees were only removed. `changes` holds what else changed, such as
 *   `assignee_ids`. A task that is created with assignees lists them in `task.created`.
 */
export const projectsEvents = {
  "webhook.created": closed({ ...webhook, events: Type.Array(Type.String()) }),
  "webhook.deleted": closed({ ...webhook, events: Type.Array(Type.String()) }),
  /** Its receiver answered 410, and gets nothing more. */
  "webhook.disabled": closed(webhook),
  /** An event is sent once more, as a new delivery. */
  "webhook.redelivered": closed({ ...webhook, delivery_id: Id, event_id: Id }),
  "view.created": closed(view),
  "view.changed": closed({ ...view, changes }),
  "view.deleted": closed(view),
  "project.created": closed({ ...project, key: Type.String(), organization_id: Nullable(Id), owner_id: Id }),
  "project.updated": closed({ ...project, changes }),
  "project.trashed": closed(project),
  "project.restored": closed(project),
  /** It has gone for good, 30 days after it came to the trash, and its tasks with it, which get no event of their own. */
  "project.purged": closed(project),
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
  /** It has gone for good, 30 days after it came to the trash; or its creator was erased, and it was personal: no title. */
  "task.purged": closed(task),
  /** An open task is due within a day, or late: once for each `due_at`. `user_ids`: its assignees, or else its creator. */
  "task.due_soon": closed({ ...task, due_at: Type.String(), user_ids: Type.Array(Id) }),
  "task.overdue": closed({ ...task, due_at: Type.String(), user_ids: Type.Array(Id) }),
} as const;
