import { sql } from "drizzle-orm";
import { check, index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/** Projects, those in the trash too. */
export const projects = sqliteTable(
  "projects",
  {
    id: text().primaryKey(),
    /** Within what the key is unique: the organization, or the user who made the project. */
    owner_scope: text().notNull(),
    /** Begins the keys of its tasks (`APP` of `APP-12`); never changes, for people quote those. */
    key: text().notNull(),
    name: text().notNull(),
    description: text(),
    organization_id: text(),
    creator_id: text().notNull(),
    version: integer().notNull(),
    created_at: text().notNull(),
    updated_at: text().notNull(),
    deleted_at: text(),
    /** The event that moved it to the trash; its tasks that went with it bear the same. */
    deletion_id: text(),
  },
  (t) => [
    uniqueIndex("projects_key").on(t.owner_scope, t.key),
    index("projects_by_key").on(t.key),
    index("projects_organization").on(t.organization_id, t.id),
    check("projects_deleted", sql`(${t.deleted_at} is null) = (${t.deletion_id} is null)`),
  ],
);

/** How far a project (or, for personal tasks, a user) has counted: kept apart, for every new task writes it. */
export const counters = sqliteTable("counters", {
  /** A project's id, or a user's. */
  scope_id: text().primaryKey(),
  /** The last task's number. */
  last_number: integer().notNull(),
  /** The last place given at the end of the order; see `rank.ts`. */
  last_place: integer().notNull(),
});
