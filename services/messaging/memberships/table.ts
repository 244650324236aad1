import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Who is a member of which project, as the projects' events tell. */
export const memberships = sqliteTable(
  "memberships",
  {
    project_id: text().notNull(),
    user_id: text().notNull(),
    role: text({ enum: ["owner", "developer", "viewer"] }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.project_id, t.user_id] }), index("memberships_user").on(t.user_id)],
);
