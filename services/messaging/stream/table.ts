import { index, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Stream tickets that were used, until they would have expired anyway: each opens one stream, in one process. */
export const usedTickets = sqliteTable(
  "used_tickets",
  {
    ticket_id: text().primaryKey(),
    expires_at: text().notNull(),
  },
  (t) => [index("used_tickets_expires_at").on(t.expires_at)],
);
