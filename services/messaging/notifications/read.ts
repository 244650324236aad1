import { placeholder, sql } from "drizzle-orm";
import { QueryBuilder } from "drizzle-orm/sqlite-core";
import { type Prepared, prepare } from "../query.ts";
import type { Notification } from "./schema.ts";
import { notifications } from "./table.ts";

const query = () =>
  new QueryBuilder()
    .select({
      id: notifications.id,
      user_id: notifications.user_id,
      kind: notifications.kind,
      actor_id: notifications.actor_id,
      object_type: notifications.object_type,
      object_id: notifications.object_id,
      object_title: notifications.object_title,
      is_read: notifications.is_read,
      created_at: notifications.created_at,
    })
    .from(notifications);

/** The asker's notifications; a list adds its own conditions, order and limit. Values: `me`. */
export const myNotifications = prepare(query().where(sql`user_id = ${placeholder("me")}`));
/** Notifications of a JSON array of ids, whoever's they are. Values: `ids`. */
export const notificationsByIds = prepare(
  query().where(sql`id in (select value from json_each(${placeholder("ids")}))`),
);

/** A row of a notification query. */
export type NotificationRow = typeof myNotifications extends Prepared<infer R> ? R : never;

/** A notification as it goes over the wire. */
export function shapeNotification(row: NotificationRow): Notification {
  const { id, kind, actor_id, object_type, object_id, object_title, is_read, created_at } = row;
  const object = { type: object_type, id: object_id, title: object_title };
  return { id, kind, actor_id, object, is_read: is_read === 1, created_at };
}
