import type { Envelope } from "@stoa/events";
import { causeOf } from "../cause-of.ts";
import type { News } from "./notify.ts";

/** An event of a task, which says what the task is called. */
type TaskEvent = Envelope<"task.created" | "task.assigned" | "task.due_soon" | "task.overdue">;

/** The event of another service that users are notified of. */
export function aboutEvent(event: Envelope): Pick<News, "cause" | "event_id" | "time"> {
  return { cause: causeOf(event), event_id: event.id, time: event.time };
}

/** What users are notified of when it is about a task. The event itself says who sees it. */
export function aboutTask(kind: News["kind"], event: TaskEvent): Omit<News, "to"> {
  const { task_id, project_id, title } = event.data;
  return { kind, ...aboutEvent(event), object: { type: "task", id: task_id, title }, scope_id: project_id };
}
