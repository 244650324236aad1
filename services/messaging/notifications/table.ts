import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** What someone should know of, one row for each person and fact; the id is derived from the fact's event. */
export const notifications = sqliteTable(
  "notifications",
  {
    id: text().primaryKey(),
    user_id: text().notNull(),
    kind: text({ enum: ["assigned", "mentioned", "invited", "replied"] }).notNull(),
    actor_id: text(),
    object_type: text().notNull(),
    object_id: text().notNull(),
    /** What the object was called at that moment. */
    object_title: text().notNull(),
    is_read: integer().notNull().default(0),
    created_at: text().notNull(),
  },
  (t) => [
    index("notifications_user").on(t.user_id, t.created_at, t.id),
    index("notifications_unread").on(t.user_id, t.is_read, t.created_at, t.id),
  ],
);
