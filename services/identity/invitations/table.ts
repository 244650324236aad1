import type { OrganizationRole } from "@stoa/events";
import { sql } from "drizzle-orm";
import { index, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { organizations } from "../organizations/table.ts";

/** Invitations to organizations. Of the mailed token only its hash is stored. */
export const invitations = sqliteTable(
  "invitations",
  {
    id: text().primaryKey(),
    organization_id: text()
      .notNull()
      .references(() => organizations.id, { onDelete: "cascade" }),
    email: text().notNull(),
    /** The e-mail without case. */
    email_key: text().notNull(),
    role: text().$type<OrganizationRole>().notNull(),
    /** An open one that is past its time has expired, whatever stands here. */
    status: text().$type<"pending" | "accepted" | "declined" | "revoked">().notNull(),
    /** SHA-256 of the token, in hex. */
    token_hash: text().notNull().unique(),
    invited_by: text().notNull(),
    expires_at: text().notNull(),
    created_at: text().notNull(),
  },
  (t) => [
    index("invitations_organization").on(t.organization_id, t.id),
    index("invitations_expires_at").on(t.expires_at),
    index("invitations_email").on(t.email_key, t.organization_id),
    index("invitations_addressee").on(t.email_key, t.id),
    index("invitations_inviter").on(t.invited_by).where(sql`status = 'pending'`),
  ],
);

/** A row of `invitations`. */
export type InvitationRow = typeof invitations.$inferSelect;
