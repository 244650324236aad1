import { type Handler, on } from "@stoa/bus/types";
import type { Sql } from "@stoa/db";
import type { Envelope } from "@stoa/events";
import { notify } from "./notify.ts";

/** Notifies the users whom a task is assigned to, but not a user who took it themselves. */
export const assignmentHandlers: readonly Handler[] = [
  on("reaction", "task.created", (event) => assigned(event, event.data.assignee_ids)),
  on("reaction", "task.assigned", (event) => assigned(event, event.data.user_ids)),
];

function assigned(event: Envelope<"task.created" | "task.assigned">, user_ids: readonly string[]): Sql[] {
  return user_ids
    .filter((user_id) => user_id !== event.actorid)
    .flatMap((user_id) => notify(event, user_id, "assigned"));
}
