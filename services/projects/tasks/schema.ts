import { type Static, Type } from "@sinclair/typebox";
import { Change, TaskPriority, TaskStatus } from "@stoa/events";
import { Id, Nullable, Time, Version } from "@stoa/http";

/** A task. */
export const Task = Type.Object(
  {
    id: Id(),
    key: Nullable(
      Type.String({ description: "The project's key and the number: `APP-12`. A personal task has none." }),
    ),
    project_id: Nullable(Id({ description: "Null: a personal task, its creator's alone." })),
    parent_id: Nullable(Id({ description: "The task that this one is a part of." })),
    number: Nullable(Type.Integer({ description: "Counts the project's tasks, from 1." })),
    title: Type.String(),
    description: Nullable(Type.String()),
    status: TaskStatus,
    priority: TaskPriority,
    creator_id: Id({ description: "The user who created it." }),
    assignee_ids: Type.Array(Id(), { description: "The users that it is assigned to." }),
    labels: Type.Array(Type.String()),
    due_at: Nullable(Time()),
    estimate_minutes: Nullable(Type.Integer({ description: "How long it should take." })),
    logged_minutes: Type.Integer({ description: "How long was worked on it." }),
    rank: Type.String({
      description: "Its place among the tasks of its status: compare as text. Change it by moving.",
    }),
    is_blocked: Type.Boolean({ description: "Whether an open task blocks it." }),
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

/** What happened to a task. */
export const LogEntry = Type.Object(
  {
    id: Id(),
    task_id: Id({ description: "The task that it happened to." }),
    actor_id: Nullable(Id({ description: "The user who did it; null: Stoa itself." })),
    type: Type.String({ description: "The event's name: `task.completed`." }),
    changes: Type.Array(Change, { description: "Each field that changed." }),
    source: Type.Union([Type.Literal("user"), Type.Literal("import"), Type.Literal("system")], {
      description: "What caused it.",
    }),
    occurred_at: Time(),
  },
  { title: "TaskLogEntry", additionalProperties: false },
);
/** What happened to a task. */
export type LogEntry = Static<typeof LogEntry>;
