import { type Handler, on } from "@stoa/bus/types";
import { raw, type Sql } from "@stoa/db";
import type { Envelope } from "@stoa/events";
import { aboutTask } from "./about-event.ts";
import { tell, these } from "./notify.ts";

/** Notifies those whom a task concerns that it is due soon, or late. */
export const dueHandlers: readonly Handler[] = [
  on("reaction", "task.due_soon", (event) => due(event, "due_soon")),
  on("reaction", "task.overdue", (event) => due(event, "overdue")),
];

function due(event: Envelope<"task.due_soon" | "task.overdue">, kind: "due_soon" | "overdue"): Sql[] {
  return tell({ ...aboutTask(kind, event), to: these(event.data.user_ids) }, raw("1"));
}
