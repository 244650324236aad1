import { derivedId, insertRow, type Sql } from "@stoa/db";
import type { Envelope } from "@stoa/events";
import { append } from "@stoa/journal";
import { causeOf } from "../cause-of.ts";
import type { Notification } from "./schema.ts";
import { notifications } from "./table.ts";

/** An event about a task, of which users are notified. */
type TaskEvent = Envelope<"task.created" | "task.assigned" | "task.due_soon" | "task.overdue">;

/** Notifies someone of what happened to a task, once for each event. */
export function notify(event: TaskEvent, user_id: string, kind: Notification["kind"]): Sql[] {
  const id = derivedId(event.id, `notification ${user_id}`);
  const created = append(causeOf(event), {
    event_id: derivedId(event.id, `notification.created ${user_id}`),
    type: "notification.created",
    aggregate_id: user_id,
    entity_id: id,
    time: event.time,
    data: { notification_id: id, user_id, kind },
  });
  return [
    created.statement,
    insertRow(
      notifications,
      {
        id,
        user_id,
        kind,
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
