import { type Static, Type } from "@sinclair/typebox";
import { Change, TaskPriority, TaskStatus } from "@stoa/events";
import { Nullable } from "@stoa/http";

/** A task. */
export const Task = Type.Object(
  {
    id: Type.String(),
    key: Nullable(Type.String()),
    project_id: Nullable(Type.String()),
    parent_id: Nullable(Type.String()),
    number: Nullable(Type.Integer()),
    title: Type.String(),
    description: Nullable(Type.String()),
    status: TaskStatus,
    priority: TaskPriority,
    creator_id: Type.String(),
    assignee_ids: Type.Array(Type.String()),
    labels: Type.Array(Type.String()),
    due_at: Nullable(Type.String()),
    estimate_minutes: Nullable(Type.Integer()),
    logged_minutes: Type.Integer(),
    rank: Type.String(),
    is_blocked: Type.Boolean(),
    version: Type.Integer(),
    created_at: Type.String(),
    updated_at: Type.String(),
    started_at: Nullable(Type.String()),
    completed_at: Nullable(Type.String()),
    deleted_at: Nullable(Type.String()),
  },
  { title: "Task", additionalProperties: false },
);
/** A task. */
export type Task = Static<typeof Task>;

/** What happened to a task. */
export const LogEntry = Type.Object(
  {
    id: Type.String(),
    task_id: Type.String(),
    actor_id: Nullable(Type.String()),
    type: Type.String(),
    changes: Type.Array(Change),
    source: Type.Union([Type.Literal("user"), Type.Literal("import"), Type.Literal("system")]),
    occurred_at: Type.String(),
  },
  { title: "TaskLogEntry", additionalProperties: false },
);
/** What happened to a task. */
export type LogEntry = Static<typeof LogEntry>;
