import { sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Users who want all that they have written to go, and how far that is. */
export const messageErasures = sqliteTable("message_erasures", {
  user_id: text().primaryKey(),
  /** What they have written up to this moment goes. */
  requested_at: text().notNull(),
  /** The conversations up to this id are done, in the order of their ids. */
  done_to: text().notNull().default(""),
});
