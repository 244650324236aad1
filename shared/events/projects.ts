import { type Static, Type } from "@sinclair/typebox";
import { added, closed, Id, Nullable } from "./schema.ts";

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

/** What one task is to another. */
export const LinkType = Type.Union([Type.Literal("blocks"), Type.Literal("relates_to"), Type.Literal("duplicates")], {
  title: "LinkType",
});
/** What one task is to another. */
export type LinkType = Static<typeof LinkType>;

/** One changed field, before and after. */
export const Change = closed({
  field: Type.String({ description: "The name of the field." }),
  from: Type.Unknown({ description: "Its value before." }),
  to: Type.Unknown({ description: "Its value after." }),
});
/** One changed field, before and after. */
export type Change = Static<typeof Change>;

/** The version of the project or task after the event. */
const version = added(Type.Integer());
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
/** The fields of every event of a work log: an entry, as it is after the event. */
const worklog = { worklog_id: Id, user_id: Id, minutes: Type.Integer(), spent_on: Type.String(), changes };
/** The fields of every event of a link; `task_id` is the one of its two tasks that this event is about. */
const link = { link_id: Id, link_type: LinkType, from_task_id: Id, to_task_id: Id, changes };
/** Which of several tasks of one project that one request completed, from 1, and how many they are. */
const batch = closed({
  position: Type.Integer({ description: "Which of them it is, from 1." }),
  size: Type.Integer({ description: "How many they are." }),
});
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
const project = { project_id: Id, name: Type.String(), version, source };

/**
 * The events of projects. The aggregate is the project (for a personal task: its creator), and the entity of a task's
 * event is the task, of a view's or
 * a webhook's the view or webhook.
 *
 * - `project.trashed` and `project.restored` apply to the project's tasks too, which get no event of their own.
 * - `task.completed` and `task.reopened` are appended whenever the status becomes completed or stops being so, by
 *   whichever route; `changes` holds everything that changed. `task.updated` is any other change.
 *   `batch` is there when one request completed several tasks of a project: announce the first and say how many they are.
 * - `task.assigned` means that assignees were added; `removed_user_ids` are those removed by the same request.
 *   `task.unassigned` means that assignees were only removed. `changes` holds what else changed, such as
 *   `assignee_ids`. A task that is created with assignees lists them in `task.created`.
 * - `import.saved` ends a batch save that has changed something; the aggregate is its user. Whatever it changed has events
 *   of its own, with `source: "import"`.
 * - `task.blocked` and `task.unblocked` say that `is_blocked` changed, because of a link or of what became of another
 *   task. They follow the event that caused it, at the same time and from the same cause.
 * - `worklog.*` have the task as their entity; among `changes` is its `logged_minutes`. `user_id` is who worked.
 * - `link.created` and `link.removed` are there twice, once about each of the two tasks, in its project and with its title
 *   alone: who sees one of them need not see the other. `changes` has one field, what the other task is to this one
 *   (`blocks`, `is_blocked_by`, `relates_to`, `duplicates`, `is_duplicated_by`), and the other's id.
 * - None of these edits the task: its version stays, and `version` is the one that it has.
 * - `task.moved_project` is there once for each task that moved, those below the one that was asked for too. It stands in
 *   the project that the task moved to (`project_id`, and the aggregate); `from_project_id` is the one that it left, null
 *   for a task that was personal. Whoever follows a project looks at both. `removed_user_ids` were assigned to it and are
 *   no members where it is now. `changes` has `project_id` and `key`, and `parent_id` and `assignee_ids` where they changed.
 */
export const projectsEvents = {
  "webhook.created": closed({ ...webhook, events: Type.Array(Type.String()) }),
  /** Where it goes to, which events, or whether it is on, has changed; these are the present ones. */
  "webhook.changed": closed({ ...webhook, events: Type.Array(Type.String()), is_active: Type.Boolean() }),
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
  "task.completed": closed({ ...task, changes, batch: Type.Optional(batch) }),
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
  "task.moved_project": closed({
    ...task,
    from_project_id: Nullable(Id),
    from_key: Nullable(Type.String()),
    removed_user_ids: Type.Array(Id),
    changes,
  }),
  "task.blocked": closed({ ...task, changes }),
  "task.unblocked": closed({ ...task, changes }),
  "worklog.recorded": closed({ ...task, ...worklog }),
  "worklog.changed": closed({ ...task, ...worklog }),
  "worklog.removed": closed({ ...task, ...worklog }),
  "link.created": closed({ ...task, ...link }),
  "link.removed": closed({ ...task, ...link }),
  /** It has gone for good, 30 days after it came to the trash; or its creator was erased, and it was personal: no title. */
  "task.purged": closed(task),
  /** An open task is due within a day, or late: once for each `due_at`. `user_ids`: its assignees, or else its creator. */
  "task.due_soon": closed({ ...task, due_at: Type.String(), user_ids: Type.Array(Id) }),
  "task.overdue": closed({ ...task, due_at: Type.String(), user_ids: Type.Array(Id) }),
} as const;
