import type { EventData } from "@stoa/events";
import type { WorkEventName } from "./names.ts";

/**
 * Whom an event concerns beside those who see its project: the project that a task left, the user who was removed from a
 * project, the organization that a project left. Null: nobody.
 */
export function alsoOf(data: EventData<WorkEventName>): string | null {
  if ("from_project_id" in data) return data.from_project_id;
  if (!("task_id" in data) && "user_id" in data) return data.user_id;
  if ("task_id" in data || !("changes" in data)) return null;
  const from = data.changes.find(({ field }) => field === "organization_id")?.from;
  return typeof from === "string" ? from : null;
}
