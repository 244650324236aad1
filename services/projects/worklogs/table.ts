import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { tasks } from "../tasks/table.ts";

/** The work that people have done on tasks. Their sum stands in the task's row, by the same batches (`logged.ts`). */
export const worklogs = sqliteTable(
  "worklogs",
  {
    id: text().primaryKey(),
    task_id: text()
      .notNull()
      .references(() => tasks.id, { onDelete: "cascade" }),
    /** Who worked: only they change or remove the entry. */
    user_id: text().notNull(),
    minutes: integer().notNull(),
    note: text(),
    /** The day of the calendar on which it was done, whatever the time zone. */
    spent_on: text().notNull(),
    created_at: text().notNull(),
    updated_at: text().notNull(),
  },
  (t) => [index("worklogs_task").on(t.task_id, t.id)],
);
