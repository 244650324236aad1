import { index, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Projects, as their events tell of them: whose members see them, and whether they are in the trash. A projection. */
export const projects = sqliteTable(
  "projects",
  {
    id: text().primaryKey(),
    /** The organization whose members see it too. */
    organization_id: text(),
    trashed_at: text(),
  },
  (t) => [index("projects_organization").on(t.organization_id)],
);
