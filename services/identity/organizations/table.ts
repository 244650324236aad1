import type { OrganizationRole } from "@stoa/events";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { users } from "../users/table.ts";

/** Organizations. `slug` is always lower case. */
export const organizations = sqliteTable("organizations", {
  id: text().primaryKey(),
  name: text().notNull(),
  slug: text().notNull().unique(),
  version: integer().notNull().default(1),
  created_at: text().notNull(),
  updated_at: text().notNull(),
});

/** Members of organizations, and their roles. */
export const organizationMembers = sqliteTable(
  "organization_members",
  {
    organization_id: text()
      .notNull()
      .references(() => organizations.id, { onDelete: "cascade" }),
    user_id: text()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    role: text().$type<OrganizationRole>().notNull(),
    joined_at: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.organization_id, t.user_id] }),
    index("organization_members_joined").on(t.organization_id, t.joined_at, t.user_id),
    index("organization_members_user").on(t.user_id, t.organization_id),
  ],
);
