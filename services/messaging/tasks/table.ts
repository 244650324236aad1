import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * Tasks as the events of projects tell of them, for what is said about them: a projection. Its migration makes it, and the
 * next, WITHOUT ROWID, which drizzle has no word for: the key is the table.
 */
export const tasks = sqliteTable(
  "tasks",
  {
    id: text().primaryKey(),
    /** Null for a personal task. */
    project_id: text(),
    title: text().notNull(),
    /** Whoever made it; null where no event told. */
    creator_id: text(),
    /** That of the last event: an older one that comes late changes nothing. */
    version: integer().notNull(),
    trashed_at: text(),
  },
  (t) => [index("tasks_project").on(t.project_id)],
);

/** Who is assigned to tasks: a projection. */
export const taskAssignees = sqliteTable(
  "task_assignees",
  { task_id: text().notNull(), user_id: text().notNull() },
  (t) => [primaryKey({ columns: [t.task_id, t.user_id] })],
);
