import type { TaskPriority, TaskStatus } from "@stoa/events";
import { sql } from "drizzle-orm";
import {
  type AnySQLiteColumn,
  check,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import { projects } from "../projects/table.ts";

/**
 * Tasks, those in the trash too. Assignees and labels stand here as JSON, for reading, and in tables of their own,
 * for filtering; every command writes both.
 */
export const tasks = sqliteTable(
  "tasks",
  {
    /** The order in which tasks were made, and the rowid of the full-text index: nothing renumbers it. */
    row: integer().primaryKey(),
    id: text().notNull(),
    project_id: text().references(() => projects.id, { onDelete: "cascade" }),
    /**
     * Where it belongs, as the row of its project's counter, or of its creator's for a personal one: indexes begin with it, for
     * an id of 36 characters would be most of each. Whatever writes `project_id` writes it too (`scope.ts`).
     */
    scope: integer(),
    parent_id: text().references((): AnySQLiteColumn => tasks.id, { onDelete: "set null" }),
    number: integer(),
    key: text(),
    title: text().notNull(),
    description: text(),
    status: text().$type<TaskStatus>().notNull(),
    priority: text().$type<TaskPriority>().notNull(),
    /** For sorting: low 0, urgent 3. */
    priority_order: integer()
      .notNull()
      .generatedAlwaysAs(sql`case priority when 'low' then 0 when 'medium' then 1 when 'high' then 2 else 3 end`, {
        mode: "virtual",
      }),
    creator_id: text().notNull(),
    assignee_ids: text().notNull(),
    labels: text().notNull(),
    start_at: text(),
    due_at: text(),
    estimate_minutes: integer(),
    /** The sum of its work log. */
    logged_minutes: integer().notNull().default(0),
    rank: text().notNull(),
    /** Whether a task that is open blocks it. Triggers keep it, and only they write it (`../links/triggers.ts`). */
    is_blocked: integer({ mode: "boolean" }).notNull().default(false),
    version: integer().notNull(),
    created_at: text().notNull(),
    updated_at: text().notNull(),
    /**
     * When something that it shows was changed last without being an edit of it, so that `updated_at` and version stayed:
     * its rank when its neighbours were spread, its logged minutes, whether it is blocked. Or when an event of another
     * service changed it that had come late. Clients that read what has changed since go by the later of both.
     */
    changed_at: text(),
    started_at: text(),
    completed_at: text(),
    deleted_at: text(),
    /** The `due_at` for which it was said that the task is due soon, and that for which it was said that it is late. */
    soon_said: text(),
    late_said: text(),
    /** The event that moved it to the trash: its own, its parent's or its project's. */
    deletion_id: text(),
    /** What the search index has instead of title and description; see `searched.ts`. */
    folded: text(),
  },
  (t) => [
    uniqueIndex("tasks_id").on(t.id),
    uniqueIndex("tasks_number").on(t.project_id, t.number),
    // Each index ends with the row by itself, which parts what ties in every sort; an id there would double its size.
    index("tasks_created").on(t.scope),
    index("tasks_updated").on(t.scope, t.updated_at),
    index("tasks_due").on(t.scope, t.due_at),
    index("tasks_priority").on(t.scope, t.priority_order),
    index("tasks_rank").on(t.scope, t.rank),
    index("tasks_parent").on(t.parent_id).where(sql`${t.parent_id} is not null`),
    index("tasks_creator").on(t.creator_id, t.scope),
    index("tasks_is_blocked").on(t.scope).where(sql`${t.is_blocked} = 1`),
    index("tasks_changed").on(t.scope, t.changed_at).where(sql`${t.changed_at} is not null`),
    index("tasks_deletion").on(t.deletion_id).where(sql`${t.deletion_id} is not null`),
    index("tasks_unindexed").on(t.row).where(sql`${t.folded} is null`),
    index("tasks_trash").on(t.deleted_at).where(sql`${t.deleted_at} is not null`),
    index("tasks_unsaid_soon")
      .on(t.due_at)
      .where(sql`${isOpenAndDue(t)} and ${t.soon_said} is not ${t.due_at}`),
    index("tasks_unsaid_late")
      .on(t.due_at)
      .where(sql`${isOpenAndDue(t)} and ${t.late_said} is not ${t.due_at}`),
    check("tasks_belongs", sql`(${t.project_id} is null) = (${t.number} is null)`),
    check("tasks_deleted", sql`(${t.deleted_at} is null) = (${t.deletion_id} is null)`),
  ],
);

/** The condition of the indexes that `due.ts` reads by. */
function isOpenAndDue(t: Readonly<Record<"due_at" | "deleted_at" | "status", AnySQLiteColumn>>) {
  return sql`${t.due_at} is not null and ${t.deleted_at} is null and ${t.status} not in ('completed', 'cancelled')`;
}

/** Erased users whose personal tasks are still to be deleted. */
export const erasures = sqliteTable("erasures", {
  user_id: text().primaryKey(),
  erased_at: text().notNull(),
});

/** Who a task is assigned to. Its migration makes it WITHOUT ROWID, which drizzle has no word for: the key is the table. */
export const taskAssignees = sqliteTable(
  "task_assignees",
  {
    task_row: integer()
      .notNull()
      .references(() => tasks.row, { onDelete: "cascade" }),
    user_id: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.task_row, t.user_id] }), index("task_assignees_user").on(t.user_id, t.task_row)],
);

/** A task's labels. WITHOUT ROWID too. */
export const taskLabels = sqliteTable(
  "task_labels",
  {
    task_row: integer()
      .notNull()
      .references(() => tasks.row, { onDelete: "cascade" }),
    label: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.task_row, t.label] }), index("task_labels_label").on(t.label, t.task_row)],
);

/**
 * The keys that tasks had before they were moved to another project: people quote them, so they lead to the task for ever.
 * Projects of different owners may have the same key, so a key may lead to several tasks.
 */
export const taskKeys = sqliteTable(
  "task_keys",
  {
    key: text().notNull(),
    task_id: text()
      .notNull()
      .references(() => tasks.id, { onDelete: "cascade" }),
  },
  (t) => [primaryKey({ columns: [t.key, t.task_id] }), index("task_keys_task").on(t.task_id)],
);
