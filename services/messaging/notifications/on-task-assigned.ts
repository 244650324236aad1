import { type Handler, on } from "@stoa/bus/types";
import { derivedId, insertRow, type Sql } from "@stoa/db";
import type { Envelope } from "@stoa/events";
import { append } from "@stoa/journal";
import { causeOf } from "../cause-of.ts";
import { notifications } from "./table.ts";

/** Notifies the users whom a task is assigned to, but not a user who took it themselves. */
export const assignmentHandlers: readonly Handler[] = [
  on("reaction", "task.created", (event) => assigned(event, event.data.assignee_ids)),
  on("reaction", "task.assigned", (event) => assigned(event, event.data.user_ids)),
];

function assigned(event: Envelope<"task.created" | "task.assigned">, user_ids: readonly string[]): Sql[] {
  return user_ids.filter((user_id) => user_id !== event.actorid).flatMap((user_id) => notify(event, user_id));
}

function notify(event: Envelope<"task.created" | "task.assigned">, user_id: string): Sql[] {
  const id = derivedId(event.id, `notification ${user_id}`);
  const created = append(causeOf(event), {
    event_id: derivedId(event.id, `notification.created ${user_id}`),
    type: "notification.created",
    aggregate_id: user_id,
    entity_id: id,
    time: event.time,
    data: { notification_id: id, user_id, kind: "assigned" },
  });
  return [
    created.statement,
    insertRow(
      notifications,
      {
        id,
        user_id,
        kind: "assigned",
        actor_id: event.actorid,
        object_type: "task",
        object_id: event.data.task_id,
        object_title: event.data.title,
        created_at: event.time,
      },
      created.happened,
    ),
  ];
}
