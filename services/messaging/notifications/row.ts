import type { RowOf } from "@stoa/db";
import { getTableColumns } from "drizzle-orm";
import type { Notification } from "./schema.ts";
import { notifications } from "./table.ts";

/** The columns that a notification is made from. */
export const notificationColumns = getTableColumns(notifications);

/** A notification as it is read. */
export type NotificationRow = RowOf<typeof notificationColumns>;

/** A notification as it goes over the wire. */
export function shapeNotification(row: NotificationRow): Notification {
  const { id, kind, actor_id, object_type, object_id, object_title, is_read, created_at } = row;
  const object = { type: object_type, id: object_id, title: object_title };
  return { id, kind, actor_id, object, is_read: is_read === 1, created_at };
}
