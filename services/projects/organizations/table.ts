import type { OrganizationRole } from "@stoa/events";
import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Organizations as identity's events tell of them: a projection, written by the handlers in this folder alone. */
export const organizations = sqliteTable("organizations", {
  organization_id: text().primaryKey(),
  name: text().notNull(),
  slug: text().notNull(),
});

/** Who belongs to them, and as what: a projection too. */
export const organizationMembers = sqliteTable(
  "organization_members",
  {
    organization_id: text().notNull(),
    user_id: text().notNull(),
    role: text().$type<OrganizationRole>().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.organization_id, t.user_id] }),
    index("organization_members_user").on(t.user_id, t.organization_id),
  ],
);
