import { sqliteTable, text } from "drizzle-orm/sqlite-core";

/** What users chose of how they are notified. Those who never chose anything have no row. */
export const notificationPreferences = sqliteTable("notification_preferences", {
  user_id: text().primaryKey(),
  /** JSON: the channel of each kind that is not the default. */
  kinds: text().notNull().default("{}"),
  /** `22:00`; null together with the others: there are no quiet hours. */
  quiet_from: text(),
  quiet_to: text(),
  /** A name of the IANA time zone database. */
  quiet_tz: text(),
});
