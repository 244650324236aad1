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
    /** Where its days begin and end: a name of the IANA database. */
    timezone: text().notNull().default("UTC"),
    /** The days on which people work, as a JSON array: 1 is Monday, 7 is Sunday. */
    working_days: text().notNull().default("[1,2,3,4,5]"),
    creator_id: text().notNull(),
    version: integer().notNull(),
    created_at: text().notNull(),
    updated_at: text().notNull(),
    deleted_at: text(),
    /** The event that moved it to the trash; its tasks that went with it bear the same. */
    deletion_id: text(),
    /** Since when it is being deleted for good: it is nobody's any more, and its row goes after its last task. */
    purged_at: text(),
  },
  (t) => [
    uniqueIndex("projects_key").on(t.owner_scope, t.key),
    index("projects_by_key").on(t.key),
    index("projects_organization").on(t.organization_id, t.id),
    index("projects_trash").on(t.deleted_at).where(sql`${t.deleted_at} is not null`),
    check("projects_deleted", sql`(${t.deleted_at} is null) = (${t.deletion_id} is null)`),
  ],
);

/** How far a project (or, for personal tasks, a user) has counted: kept apart, for every new task writes it. */
export const counters = sqliteTable("counters", {
  /** What its tasks call it; see `scope` there. Its number is free again once no task has it. */
  row: integer().primaryKey(),
  /** A project's id, or a user's. */
  scope_id: text().notNull().unique(),
  /** The last task's number. */
  last_number: integer().notNull(),
  /** The last place given at the end of the order; see `rank.ts`. */
  last_place: integer().notNull(),
});
