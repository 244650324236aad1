import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * Who follows tasks, or wants not to: by request, or because they wrote about it or were mentioned there. Creators and
 * assignees follow without a row.
 */
export const taskFollows = sqliteTable(
  "task_follows",
  {
    task_id: text().notNull(),
    user_id: text().notNull(),
    /** 0: they asked not to follow. Only they change that. */
    following: integer().notNull(),
    changed_at: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.task_id, t.user_id] }), index("task_follows_user").on(t.user_id)],
);
