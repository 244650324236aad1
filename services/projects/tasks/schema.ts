import { type Static, Type } from "@sinclair/typebox";
import { Change, TaskPriority, TaskStatus } from "@stoa/events";
import {
  defaultsOf,
  Id,
  listQuery,
  Nullable,
  OneOf,
  optional,
  Patch,
  QueryBoolean,
  QueryOneOf,
  QueryText,
  Text,
  Time,
  withDefault,
} from "@stoa/http";
import { sorts } from "./sort.ts";

/**
 * What people say of a task. A new field stands here, in the table and in a migration: bodies, answers, commands, reads
 * and history are made from it.
 */
const fields = {
  title: Text({ max: 255 }),
  description: Nullable(Text({ min: 0, max: 20_000, lines: true })),
  status: withDefault(TaskStatus, "pending"),
  priority: withDefault(TaskPriority, "medium"),
  parent_id: Nullable(Id({ description: "A task of the same project." })),
  assignee_ids: withDefault(Type.Array(Id(), { maxItems: 100, description: "Members of the project." }), []),
  labels: withDefault(Type.Array(Text({ max: 50 }), { maxItems: 50 }), []),
  due_at: Nullable(Time()),
  estimate_minutes: Nullable(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
};

/** A task. */
export const Task = Type.Object(
  {
    id: Id(),
    key: Nullable(Type.String({ description: "The project's key and the number: `APP-12`." })),
    project_id: Nullable(Id({ description: "Null: a personal task, its creator's alone." })),
    number: Nullable(Type.Integer()),
    ...fields,
    creator_id: Id(),
    logged_minutes: Type.Integer(),
    rank: Type.String({ description: "Sorts tasks in the order in which they were put." }),
    is_blocked: Type.Boolean(),
    version: Type.Integer(),
    created_at: Time(),
    updated_at: Time(),
    started_at: Nullable(Time()),
    completed_at: Nullable(Time()),
    deleted_at: Nullable(Time()),
  },
  { title: "Task", additionalProperties: false },
);
/** A task. */
export type Task = Static<typeof Task>;

/** Body of POST /tasks. */
export const NewTask = Type.Object(
  {
    ...optional(fields),
    title: fields.title,
    project_id: Type.Optional(Nullable(Id({ description: "Without it the task is personal." }))),
  },
  { title: "NewTask" },
);
/** A task to be. */
export type NewTask = Static<typeof NewTask>;

/** Body of PATCH and PUT /tasks/{id}. */
export const TaskPatch = Patch(fields, Task);
/** A change of a task; null takes a field back to its default. */
export type TaskPatch = Static<typeof TaskPatch>;

/** The fields that commands change, by name. */
export type TaskField = keyof typeof fields;
/** Their names. */
export const taskFields = Object.keys(fields) as readonly TaskField[];
/** What a new task has where nothing is said, and what null clears a field to. */
export const taskDefaults = defaultsOf(fields);

/** Body of PUT /tasks/{id}/assignees. */
export const TaskAssignees = Type.Object({ user_ids: fields.assignee_ids }, { title: "TaskAssignees" });

/** Body of PATCH /tasks/{id}/move. */
export const TaskMove = Type.Object(
  {
    status: Type.Optional(TaskStatus),
    after_id: Type.Optional(Nullable(Id({ description: "It will stand right after this one." }))),
    before_id: Type.Optional(Nullable(Id({ description: "It will stand right before this one." }))),
  },
  { title: "TaskMove" },
);
/** Where to: right after one task, right before one, or to the end; and into another status at once. */
export type TaskMove = Static<typeof TaskMove>;

/** Path of one task. */
export const TaskParams = Type.Object({ id: Id() });

/** Query of GET /tasks. */
export const TasksQuery = listQuery({
  project_id: Type.Optional(Id()),
  status: Type.Optional(TaskStatus),
  priority: Type.Optional(TaskPriority),
  assignee_id: Type.Optional(Id()),
  creator_id: Type.Optional(Id()),
  label: QueryText({ max: 50 }),
  parent_id: Type.Optional(Id()),
  due_before: Type.Optional(Time({ description: "Due before it; that moment not included." })),
  due_after: Type.Optional(Time({ description: "Due then or after it." })),
  overdue: QueryBoolean({ description: "Due by now and still open; false: all others." }),
  updated_since: Type.Optional(Time({ description: "Changed then or after it; those in the trash too." })),
  q: QueryText({ max: 255, description: "A substring of title or description, or the key." }),
  deleted: QueryBoolean({ description: "Those in the trash, for those who may restore them." }),
  sort: QueryOneOf(sorts),
});
/** Which tasks, in what order. */
export type TasksQuery = Static<typeof TasksQuery>;

/** What happened to a task. */
export const TaskLogEntry = Type.Object(
  {
    id: Id(),
    task_id: Id(),
    actor_id: Nullable(Id()),
    type: Type.String(),
    changes: Type.Array(Change),
    source: OneOf(["user", "import", "system"]),
    occurred_at: Time(),
  },
  { title: "TaskLogEntry", additionalProperties: false },
);
/** What happened to a task. */
export type TaskLogEntry = Static<typeof TaskLogEntry>;
