import type { Change, TaskStatus } from "@stoa/events";
import { underWay } from "../tasks/status.ts";

/** What reports know of a task after an event. Times are milliseconds. */
export interface TaskState {
  readonly task_id: string;
  readonly project_id: string | null;
  readonly status: TaskStatus;
  readonly trashed: boolean;
  /** When work on it began first. */
  readonly started_at: number | null;
  /** When it became completed last; null while it is not. */
  readonly finished_at: number | null;
  readonly due_at: number | null;
  readonly estimate_minutes: number;
  readonly logged_minutes: number;
  readonly assignee_ids: readonly string[];
}

/** What the events of tasks say that reports go by. */
export interface TaskEventData {
  readonly task_id: string;
  readonly project_id: string | null;
  /** Of a new task. */
  readonly status?: TaskStatus;
  /** Of a new task. */
  readonly assignee_ids?: readonly string[];
  readonly changes?: readonly Change[];
}

/**
 * The task after an event about it.
 *
 * @param before undefined before `task.created`
 * @param at the moment from which the event counts
 * @returns undefined for a task that has gone for good, and for one whose `task.created` is not in the journal
 */
export function afterEvent(
  before: TaskState | undefined,
  type: string,
  data: TaskEventData,
  at: number,
): TaskState | undefined {
  const { project_id } = data;
  const known = type === "task.created" ? created(data) : before;
  if (!known || type === "task.purged") return undefined;
  const changed = (data.changes ?? []).reduce(afterChange, known);
  const trashed = type === "task.trashed" || (type !== "task.restored" && changed.trashed);
  return withTimes({ ...changed, project_id, trashed }, type === "task.created" ? undefined : known.status, at);
}

function created({ task_id, project_id, status, assignee_ids }: TaskEventData): TaskState {
  return {
    task_id,
    project_id,
    status: status ?? "pending",
    trashed: false,
    started_at: null,
    finished_at: null,
    due_at: null,
    estimate_minutes: 0,
    logged_minutes: 0,
    assignee_ids: assignee_ids ?? [],
  };
}

function afterChange(state: TaskState, { field, to }: Change): TaskState {
  switch (field) {
    case "status":
      return { ...state, status: to as TaskStatus };
    case "due_at":
      return { ...state, due_at: to === null ? null : Date.parse(to as string) };
    case "estimate_minutes":
      return { ...state, estimate_minutes: (to as number | null) ?? 0 };
    case "logged_minutes":
      return { ...state, logged_minutes: to as number };
    case "assignee_ids":
      return { ...state, assignee_ids: to as string[] };
    default:
      return state;
  }
}

/** @param before the status before the event; undefined when it has just been made */
function withTimes(state: TaskState, before: TaskStatus | undefined, at: number): TaskState {
  const { status } = state;
  if (status === before) return state;
  return {
    ...state,
    started_at: state.started_at ?? (underWay.includes(status) ? at : null),
    finished_at: status === "completed" ? at : null,
  };
}
