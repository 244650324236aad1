import { type Handler, on } from "@stoa/bus/types";
import { raw, type Sql } from "@stoa/db";
import type { Envelope } from "@stoa/events";
import { aboutTask } from "./about-event.ts";
import { tell, these } from "./notify.ts";

/** Notifies the users whom a task is assigned to, but not a user who took it themselves. */
export const assignmentHandlers: readonly Handler[] = [
  on("reaction", "task.created", (event) => assigned(event, event.data.assignee_ids)),
  on("reaction", "task.assigned", (event) => assigned(event, event.data.user_ids)),
];

function assigned(event: Envelope<"task.created" | "task.assigned">, user_ids: readonly string[]): Sql[] {
  if (user_ids.length === 0) return [];
  return tell({ ...aboutTask("assigned", event), to: these(user_ids) }, raw("1"));
}
