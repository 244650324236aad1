import type { ProjectRole } from "@stoa/events";
import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { projects } from "../projects/table.ts";

/** Who belongs to a project, and as what. */
export const members = sqliteTable(
  "members",
  {
    project_id: text()
      .notNull()
      .references(() => projects.id, { onDelete: "cascade" }),
    user_id: text().notNull(),
    role: text().$type<ProjectRole>().notNull(),
    joined_at: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.project_id, t.user_id] }), index("members_user").on(t.user_id, t.project_id)],
);
