import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { Report } from "./schema.ts";

/** Messages that users have reported to the superusers. A report outlives its message. */
export const reports = sqliteTable(
  "reports",
  {
    id: text().primaryKey(),
    message_id: text().notNull(),
    conversation_id: text().notNull(),
    reporter_id: text().notNull(),
    reason: text().notNull(),
    /** What the message said when it was reported. It goes when the report is resolved. */
    reported_content: text(),
    status: text().$type<Report["status"]>().notNull().default("open"),
    note: text(),
    resolved_by: text(),
    resolved_at: text(),
    version: integer().notNull().default(1),
    created_at: text().notNull(),
    updated_at: text().notNull(),
  },
  (t) => [
    uniqueIndex("reports_open").on(t.message_id, t.reporter_id).where(sql`status = 'open'`),
    index("reports_message").on(t.message_id),
    index("reports_newest").on(t.created_at, t.id),
    index("reports_status").on(t.status, t.created_at, t.id),
  ],
);
