import type { Change, TaskStatus } from "@stoa/events";
import type { Task } from "./schema.ts";

/** What a task stands at when nobody works on it any more. */
export const closed: readonly TaskStatus[] = ["completed", "cancelled"];
/** What a task stands at while someone works on it. */
export const underWay: readonly TaskStatus[] = ["in_progress", "in_review"];

/** Whether somebody works on a task of this status. */
export const isUnderWay = (status: TaskStatus) => underWay.includes(status);

/** Whether a status is one of {@link closed}. */
export const isClosed = (status: TaskStatus) => closed.includes(status);

/**
 * The times that follow a task's status: it is started when it first gets under way, for good; it is completed while
 * it stands at `completed`.
 */
export function timesOf(
  status: TaskStatus,
  before: Pick<Task, "status" | "started_at" | "completed_at">,
  time: string,
) {
  return {
    started_at: before.started_at ?? (isUnderWay(status) ? time : null),
    completed_at: status === "completed" ? (before.completed_at ?? time) : null,
  };
}

/** The event of a change of fields: the task becomes completed, becomes open again, or something else changes. */
export function eventOf(task: Task, changes: readonly Change[]): "task.completed" | "task.reopened" | "task.updated" {
  const to = changes.find(({ field }) => field === "status")?.to as TaskStatus | undefined;
  if (to === "completed") return "task.completed";
  if (to !== undefined && isClosed(task.status) && !isClosed(to)) return "task.reopened";
  return "task.updated";
}
