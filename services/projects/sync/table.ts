import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * Tasks that left: the project that they belonged to when they were purged or moved to another one. Triggers write them
 * (`triggers.ts`), so that no command can forget one. Clients that read what has changed learn from them what to drop.
 */
export const tombstones = sqliteTable(
  "tombstones",
  {
    task_id: text().notNull(),
    /** The project that it left; for a personal task, the user whose it was. */
    scope_id: text().notNull(),
    version: integer().notNull(),
    deleted_at: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.scope_id, t.task_id] }),
    index("tombstones_deleted").on(t.scope_id, t.deleted_at),
    index("tombstones_age").on(t.deleted_at),
  ],
);

/**
 * When each user's access to a project began and ended last, by membership of the project or of its organization.
 * Triggers write it; that of superusers to everything (`*`) is written as they become one (`everything.ts`). Someone who has lost access in one way may still have it in another: the reader checks.
 */
export const accessChanges = sqliteTable(
  "access_changes",
  {
    user_id: text().notNull(),
    project_id: text().notNull(),
    gained_at: text(),
    lost_at: text(),
    /** The later of the two. */
    changed_at: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.user_id, t.project_id] }), index("access_changes_age").on(t.changed_at)],
);
