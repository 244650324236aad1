import { type Static, Type } from "@sinclair/typebox";
import { Change, TaskPriority, TaskStatus } from "@stoa/events";
import {
  defaultsOf,
  described,
  Id,
  listQuery,
  Nullable,
  OneOf,
  optional,
  Patch,
  QueryBoolean,
  QueryList,
  QueryOneOf,
  QueryText,
  QueryUsers,
  Text,
  Time,
  Version,
  withDefault,
} from "@stoa/http";
import { sorts } from "./sort.ts";

/**
 * When something is planned. What is earlier than the clocks of computers is a year that was mistyped, or the zero of
 * another system, which has no name for "never".
 */
const planned = { earliest: "1970-01-01T00:00:00.000Z" };

/**
 * What people say of a task. A new field stands here, in the table and in a migration: bodies, answers, commands, reads
 * and history are made from it.
 */
const fields = {
  title: Text({ max: 255 }),
  description: Nullable(Text({ min: 0, max: 20_000, lines: true })),
  status: withDefault(TaskStatus, "pending"),
  priority: withDefault(TaskPriority, "medium"),
  parent_id: Nullable(
    Id({ description: "The task that it is a part of: one of the same project, on the fourth level at most." }),
  ),
  assignee_ids: withDefault(
    Type.Array(Id(), { maxItems: 100, description: "The users that it is assigned to: members of the project." }),
    [],
  ),
  labels: withDefault(Type.Array(Text({ max: 50 }), { maxItems: 50 }), []),
  start_at: Nullable(
    Time({
      ...planned,
      description: "When it is planned to begin, from 1970 on. Nothing compares it with `due_at`.",
    }),
  ),
  due_at: Nullable(Time({ ...planned, description: "When it is to be done, from 1970 on." })),
  estimate_minutes: Nullable(Type.Integer({ minimum: 0, maximum: 1_000_000, description: "How long it should take." })),
};

/** A task. */
export const Task = Type.Object(
  {
    id: Id(),
    key: Nullable(
      Type.String({ description: "The project's key and the number: `APP-12`. A personal task has none." }),
    ),
    project_id: Nullable(Id({ description: "Null: a personal task, its creator's alone." })),
    number: Nullable(Type.Integer({ description: "Counts the project's tasks, from 1." })),
    ...fields,
    creator_id: Id({ description: "The user who created it." }),
    logged_minutes: Type.Integer({ description: "How long was worked on it: the sum of its work log." }),
    rank: Type.String({
      description: "Its place among the tasks of its status: compare as text. Change it by moving.",
    }),
    is_blocked: Type.Boolean({
      description: "Whether a task blocks it that is open: neither completed, cancelled nor in the trash.",
    }),
    version: Version,
    created_at: Time(),
    updated_at: Time(),
    started_at: Nullable(Time({ description: "When work on it began first." })),
    completed_at: Nullable(Time()),
    deleted_at: Nullable(Time({ description: "Since when it is in the trash." })),
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
/** The body of POST /tasks. */
export type NewTask = Static<typeof NewTask>;

/** What a patch may change: the fields, and the project. */
const patched = {
  ...fields,
  project_id: Nullable(Id({ description: "Another project to move it to. A task of a project never gets personal." })),
};

/** Body of PATCH and PUT /tasks/{id}. */
export const TaskPatch = Patch(patched, Task);
/** A change of a task; null takes a field back to its default. */
export type TaskPatch = Static<typeof TaskPatch>;

const { parent_id, assignee_ids, ...said } = fields;
/** The fields of a task that a batch save is given; its parent and assignees it names by ids of the other system. */
export const importedFields = Patch(said, Type.Object({})).properties;

/** The fields that commands change, by name. */
export type TaskField = keyof typeof fields;
/** Their names. */
export const taskFields = Object.keys(fields) as readonly TaskField[];
/** What a new task has where nothing is said, and what null clears a field to. */
export const taskDefaults = defaultsOf(fields);

/** Body of POST /tasks/bulk. */
export const TaskBulk = Type.Object(
  {
    ids: Type.Array(Id(), { minItems: 1, maxItems: 200, uniqueItems: true, description: "The tasks to change." }),
    patch: Patch(patched, Type.Object({}), "TaskBulkPatch"),
  },
  { title: "TaskBulk" },
);
/** One change of many tasks. */
export type TaskBulk = Static<typeof TaskBulk>;

/** The tasks that a bulk change was about, in its order. */
export const TaskItems = Type.Object(
  { items: Type.Array(Task, { description: "In the order of the ids." }) },
  { title: "TaskItems" },
);

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
export const TaskParams = Type.Object({ id: Id({ description: "A task." }) });

/** Query of GET /tasks. */
export const TasksQuery = listQuery({
  project_id: QueryList(Id(), { description: "Those of one of these projects." }),
  status: QueryList(TaskStatus, { description: "Those of one of these statuses." }),
  priority: QueryList(TaskPriority, { description: "Those of one of these priorities." }),
  assignee_id: QueryUsers({ description: "Those that are assigned to one of these users." }),
  creator_id: QueryUsers({ description: "Those that one of these users created." }),
  label: QueryList(Text({ max: 50 }), {
    description: 'Those with one of these labels. One that has a comma stands in quotes: `"a, b",c`.',
  }),
  key: QueryList(Text({ max: 50 }), { description: "Those with one of these keys, `APP-12`, whatever the case." }),
  parent_id: QueryList(Id(), { description: "Those right below one of these tasks." }),
  due_before: Type.Optional(Time({ description: "Those that are due before this moment." })),
  due_after: Type.Optional(Time({ description: "Those that are due at this moment or after it." })),
  overdue: QueryBoolean({ description: "Those that are due by now and still open; `false`: all others." }),
  completed_since: Type.Optional(Time({ description: "Those that were completed at this moment or after it." })),
  is_blocked: QueryBoolean({ description: "Those that an open task blocks; `false`: all others." }),
  updated_since: Type.Optional(
    Time({ description: "Those that changed at this moment or after it, those in the trash too." }),
  ),
  q: QueryText({ max: 255, description: "Those with this text in title or description, or with this key." }),
  deleted: QueryBoolean({ description: "Those in the trash, for those who may restore them." }),
  sort: QueryOneOf(sorts, { description: "`-` for descending; nulls come last, and low before urgent." }),
});
/** The query of GET /tasks. */
export type TasksQuery = Static<typeof TasksQuery>;

/** One changed field, with what its values read as. */
export const LogChange = Type.Object(
  {
    ...Change.properties,
    from_text: Nullable(Type.String({ description: "The value before for people: names for ids." })),
    to_text: Nullable(Type.String({ description: "The value after for people." })),
  },
  { title: "LogChange", additionalProperties: false },
);
/** One changed field, with what its values read as. */
export type LogChange = Static<typeof LogChange>;

const LogSource = OneOf(["user", "import", "system"]);

/** Query of GET /tasks/{id}/logs. */
export const TaskLogsQuery = listQuery({
  field: QueryList(Text({ max: 50 }), { description: "Entries that changed one of these fields." }),
  actor_id: QueryUsers({ description: "What one of these users did." }),
  source: QueryList(LogSource, { description: "What was caused by one of these." }),
  since: Type.Optional(Time({ description: "What happened at this moment or after it." })),
  until: Type.Optional(Time({ description: "What happened before this moment." })),
});
/** The query of GET /tasks/{id}/logs. */
export type TaskLogsQuery = Static<typeof TaskLogsQuery>;

/** What happened to a task. */
export const TaskLogEntry = Type.Object(
  {
    id: Id(),
    task_id: Id({ description: "The task that it happened to." }),
    actor_id: Nullable(Id({ description: "The user who did it; null: Stoa itself." })),
    type: Type.String({ description: "The event's name: `task.completed`." }),
    changes: Type.Array(LogChange, { description: "Each field that changed." }),
    source: described(LogSource, "What caused it."),
    occurred_at: Time(),
  },
  { title: "TaskLogEntry", additionalProperties: false },
);
/** What happened to a task. */
export type TaskLogEntry = Static<typeof TaskLogEntry>;
