import { type Handler, on } from "@stoa/bus/types";
import { notify } from "./notify.ts";

/** Notifies those whom a task concerns that it is due soon, or late. */
export const dueHandlers: readonly Handler[] = [
  on("reaction", "task.due_soon", (event) => event.data.user_ids.flatMap((id) => notify(event, id, "due_soon"))),
  on("reaction", "task.overdue", (event) => event.data.user_ids.flatMap((id) => notify(event, id, "overdue"))),
];
