import type { Static, TSchema } from "@sinclair/typebox";
import { Change, TaskPriority, TaskStatus } from "@stoa/events";
import { t } from "elysia";

const Nullable = <S extends TSchema>(schema: S) => t.Union([schema, t.Null()]);

/** A task. */
export const Task = t.Object(
  {
    id: t.String(),
    key: Nullable(t.String()),
    project_id: Nullable(t.String()),
    parent_id: Nullable(t.String()),
    number: Nullable(t.Integer()),
    title: t.String(),
    description: Nullable(t.String()),
    status: TaskStatus,
    priority: TaskPriority,
    creator_id: t.String(),
    assignee_ids: t.Array(t.String()),
    labels: t.Array(t.String()),
    due_at: Nullable(t.String()),
    estimate_minutes: Nullable(t.Integer()),
    logged_minutes: t.Integer(),
    rank: t.String(),
    is_blocked: t.Boolean(),
    version: t.Integer(),
    created_at: t.String(),
    updated_at: t.String(),
    started_at: Nullable(t.String()),
    completed_at: Nullable(t.String()),
    deleted_at: Nullable(t.String()),
  },
  { additionalProperties: false },
);
/** A task. */
export type Task = Static<typeof Task>;

/** What happened to a task. */
export const LogEntry = t.Object(
  {
    id: t.String(),
    task_id: t.String(),
    actor_id: Nullable(t.String()),
    type: t.String(),
    changes: t.Array(Change),
    source: t.Union([t.Literal("user"), t.Literal("import"), t.Literal("system")]),
    occurred_at: t.String(),
  },
  { additionalProperties: false },
);
/** What happened to a task. */
export type LogEntry = Static<typeof LogEntry>;
