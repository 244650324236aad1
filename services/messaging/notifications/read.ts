import { among, type Database, select, sql } from "@stoa/db";
import { type NotificationRow, notificationColumns } from "./row.ts";
import { notifications } from "./table.ts";

/** Notifications by their ids. It does not check whose they are. */
export function readNotifications(db: Database, ids: readonly string[]): Promise<NotificationRow[]> {
  return db.query(
    select(notificationColumns, sql`from ${notifications} where hidden_by is null and id in ${among(ids)}`),
  );
}
