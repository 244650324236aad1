import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { projects } from "../projects/table.ts";

/** Saved filters of a project's tasks. */
export const views = sqliteTable(
  "views",
  {
    id: text().primaryKey(),
    project_id: text()
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    creator_id: text().notNull(),
    name: text().notNull(),
    /** JSON of an object: the query of `GET /tasks`. */
    filter: text().notNull(),
    sort: text(),
    /** Whether everyone who sees the project sees it; otherwise its creator alone. */
    is_shared: integer().notNull(),
    version: integer().notNull(),
    created_at: text().notNull(),
    updated_at: text().notNull(),
  },
  (t) => [index("views_project").on(t.project_id, t.id), index("views_creator").on(t.creator_id)],
);
