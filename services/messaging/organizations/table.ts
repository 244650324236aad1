import type { OrganizationRole } from "@stoa/events";
import { index, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Who belongs to organizations, as the events of identity tell of them: a projection. */
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
