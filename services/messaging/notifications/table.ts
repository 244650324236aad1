import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Notification } from "./schema.ts";

/** What users should know of: a row for each user and event, whose id is derived from the event's. */
export const notifications = sqliteTable(
  "notifications",
  {
    id: text().primaryKey(),
    user_id: text().notNull(),
    kind: text().$type<Notification["kind"]>().notNull(),
    actor_id: text(),
    object_type: text().notNull(),
    object_id: text().notNull(),
    /** The title of the object when the event happened. */
    object_title: text().notNull(),
    is_read: integer().notNull().default(0),
    created_at: text().notNull(),
  },
  (t) => [
    index("notifications_user").on(t.user_id, t.created_at, t.id),
    index("notifications_unread").on(t.user_id, t.is_read, t.created_at, t.id),
  ],
);
