import type { ProjectRole } from "@stoa/events";
import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** The members of projects, as the events of projects tell of them: a projection. */
export const memberships = sqliteTable(
  "memberships",
  {
    project_id: text().notNull(),
    user_id: text().notNull(),
    role: text().$type<ProjectRole>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.project_id, t.user_id] }), index("memberships_user").on(t.user_id)],
);
