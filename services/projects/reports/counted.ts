import type { TaskStatus } from "@stoa/events";
import { isClosed } from "../tasks/status.ts";
import type { TaskState } from "./task-state.ts";

/** What is counted of a project; the names of columns too. */
export type Count = "added" | "removed" | "arrivals" | "departures" | TaskStatus;

/** Where a task counts, and as what. */
interface Counted {
  readonly project_id: string;
  readonly status: TaskStatus;
  /** Whether it belongs to the project's scope: everything but what was cancelled. */
  readonly scope: boolean;
  /** Whether it is still to be done. */
  readonly open: boolean;
}

/** Where a task counts; undefined while it is personal, or in the trash. */
export function countedIn(state: TaskState | undefined): Counted | undefined {
  if (!state || state.project_id === null || state.trashed) return undefined;
  const { project_id, status } = state;
  return { project_id, status, scope: status !== "cancelled", open: !isClosed(status) };
}

/**
 * Tells each count that an event changes, of the project that the task was in and of the one that it is in now. A task
 * that is made as a completed one arrives and departs at once.
 */
export function tellChanges(
  before: TaskState | undefined,
  after: TaskState | undefined,
  tell: (project_id: string, count: Count, by: number) => void,
): void {
  const [from, to] = [countedIn(before), countedIn(after)];
  const stays = from !== undefined && from.project_id === to?.project_id;
  if (stays && from.status === to.status) return;
  const done = (where: Counted | undefined) => where?.status === "completed" && !before;
  if (from) {
    tell(from.project_id, from.status, -1);
    if (from.scope && !(stays && to.scope)) tell(from.project_id, "removed", 1);
    if (from.open && !(stays && to.open)) tell(from.project_id, "departures", 1);
  }
  if (to) {
    tell(to.project_id, to.status, 1);
    if (to.scope && !(stays && from.scope)) tell(to.project_id, "added", 1);
    if ((to.open && !(stays && from.open)) || done(to)) tell(to.project_id, "arrivals", 1);
    if (done(to)) tell(to.project_id, "departures", 1);
  }
}
