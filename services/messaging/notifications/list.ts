import type { Actor } from "@stoa/auth";
import { all, sql } from "@stoa/db";
import { type Page, pagePlan, readPage } from "@stoa/http/list/index";
import type { ListDeps } from "../deps.ts";
import { notificationColumns as columns, shapeNotification } from "./row.ts";
import type { Notification, NotificationsQuery } from "./schema.ts";
import { notifications } from "./table.ts";

/** The user's notifications, newest first; perhaps only the unread. @throws StoaError `invalid_cursor` */
export function listNotifications(
  { db, cursor_key }: ListDeps,
  { user_id }: Actor,
  query: NotificationsQuery,
): Promise<Page<Notification>> {
  const { unread = false } = query;
  const plan = pagePlan(cursor_key, query, {
    name: "notifications",
    filters: { user_id, unread },
    order: [
      { column: columns.created_at, direction: "desc" },
      { column: columns.id, direction: "desc" },
    ],
  });
  const where = all([sql`user_id = ${user_id} and hidden_by is null`, ...(unread ? [sql`is_read = 0`] : [])]);
  return readPage(db, plan, { columns, from: sql`${notifications}`, where }, shapeNotification);
}
