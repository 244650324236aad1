import type { TaskStatus } from "@stoa/events";
import { sql } from "drizzle-orm";
import { check, index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * What reports are read from: a projection of this service's own journal, which `keep.ts` fills and nothing else writes.
 * Times are milliseconds since 1970. It can be emptied and made again from the journal (`rebuild.ts`).
 */

/** How far the projection has read the journal: one row, absent before the first event. */
export const reportCursor = sqliteTable(
  "report_cursor",
  {
    id: integer().primaryKey(),
    /** Of the last event. A writer that had read another one writes null, which is refused. */
    seq: integer().notNull(),
    /** The moment from which that event counts; see `clock.ts`. */
    clock: integer().notNull(),
  },
  (t) => [check("report_cursor_is_one_row", sql`${t.id} = 1`)],
);

/**
 * Each task as it is after the last event that was read. It is known by the number of its first event, and its project by
 * that of its own, which the journal's index by entity finds (`numbers.ts`): ids would be most of the table and its indexes.
 */
export const reportTasks = sqliteTable(
  "report_tasks",
  {
    row: integer().primaryKey(),
    /** Null for a personal task. */
    project: integer(),
    status: text().$type<TaskStatus>().notNull(),
    /** Whether it was moved to the trash by itself, rather than with its project. */
    trashed: integer().notNull(),
    started_at: integer(),
    finished_at: integer(),
    due_at: integer(),
    estimate_minutes: integer().notNull(),
    logged_minutes: integer().notNull(),
    /** A JSON array. */
    assignee_ids: text().notNull(),
    /** Its row in `report_completions` that has no end; null while there is none. */
    completion_row: integer(),
    /** Its row in `report_dues` that has no end; null while there is none. */
    due_row: integer(),
  },
  (t) => [index("report_tasks_project").on(t.project).where(sql`${t.project} is not null`)],
);

/** How long a counter's slot is: a quarter of an hour, of which days in any zone are made, or a day in UTC. */
export type Grain = 15 | 1440;

/**
 * How the counts of a project changed in each quarter of an hour, and in each day in UTC. The sum of all slots before a
 * moment is the count at that moment.
 */
export const reportCounts = sqliteTable(
  "report_counts",
  {
    project_id: text().notNull(),
    grain: integer().$type<Grain>().notNull(),
    /** Which one, counted from 1970. */
    slot: integer().notNull(),
    added: integer().notNull(),
    removed: integer().notNull(),
    arrivals: integer().notNull(),
    departures: integer().notNull(),
    pending: integer().notNull(),
    in_progress: integer().notNull(),
    in_review: integer().notNull(),
    completed: integer().notNull(),
    cancelled: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.project_id, t.grain, t.slot] })],
);

/** The same for the open tasks of each assignee; of no assignee: `''`. */
export const reportWorkloads = sqliteTable(
  "report_workloads",
  {
    project_id: text().notNull(),
    grain: integer().$type<Grain>().notNull(),
    slot: integer().notNull(),
    assignee_id: text().notNull(),
    open: integer().notNull(),
    estimate_minutes: integer().notNull(),
    logged_minutes: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.project_id, t.grain, t.slot, t.assignee_id] })],
);

/**
 * From when until when a task stood completed in a project; one that still does has no end. A row has the number of the
 * event that began it.
 */
export const reportCompletions = sqliteTable(
  "report_completions",
  {
    row: integer().primaryKey(),
    project_id: text().notNull(),
    task_id: text().notNull(),
    started_at: integer(),
    finished_at: integer().notNull(),
    /** Later than `finished_at` where it came into the project, or out of the trash, as a completed one. */
    since: integer().notNull(),
    until: integer(),
  },
  (t) => [index("report_completions_finished").on(t.project_id, t.finished_at, t.since, t.until, t.started_at)],
);

/** From when until when a task was open in a project with this due time; rows have numbers in the same way. */
export const reportDues = sqliteTable(
  "report_dues",
  {
    row: integer().primaryKey(),
    project_id: text().notNull(),
    task_id: text().notNull(),
    due_at: integer().notNull(),
    since: integer().notNull(),
    until: integer(),
  },
  (t) => [index("report_dues_until").on(t.project_id, t.until, t.due_at, t.since, t.task_id)],
);

/** From when until when a project was in the trash. */
export const reportTrashings = sqliteTable(
  "report_trashings",
  {
    project_id: text().notNull(),
    since: integer().notNull(),
    until: integer(),
  },
  (t) => [index("report_trashings_project").on(t.project_id, t.since)],
);
