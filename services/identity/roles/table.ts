import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { users } from "../users/table.ts";

/** Roles that superusers give to users; each service decides what a role permits. */
export const roles = sqliteTable("roles", {
  id: text().primaryKey(),
  name: text().notNull().unique(),
  description: text(),
  created_at: text().notNull(),
});

/** The roles of users. */
export const userRoles = sqliteTable(
  "user_roles",
  {
    user_id: text()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    role_id: text()
      .notNull()
      .references(() => roles.id, { onDelete: "cascade" }),
  },
  (t) => [primaryKey({ columns: [t.user_id, t.role_id] }), index("user_roles_role").on(t.role_id)],
);
