import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { Notification } from "./schema.ts";

/** What users should know of: a row for each user and event. */
export const notifications = sqliteTable(
  "notifications",
  {
    id: text().primaryKey(),
    user_id: text().notNull(),
    kind: text().$type<Notification["kind"]>().notNull(),
    actor_id: text(),
    object_type: text().$type<Notification["object"]["type"]>().notNull(),
    object_id: text().notNull(),
    /** The title of the object when the event happened; never the text of a message. */
    object_title: text().notNull(),
    is_read: integer().notNull().default(0),
    created_at: text().notNull(),
    /** The event that it tells of, of this service or another. Null: it is older than this column. */
    event_id: text(),
    /** The project, conversation or organization that the object is in: whoever loses that loses this too. */
    scope_id: text(),
    /** The task or project whose stay in the trash hides it. */
    hidden_by: text(),
    /** When it is due to be mailed; null: it is not, or was. */
    mail_at: text(),
    /** The mail that tells of it. */
    mail_id: text(),
  },
  (t) => [
    index("notifications_user").on(t.user_id, t.created_at, t.id),
    index("notifications_unread").on(t.user_id, t.is_read, t.created_at, t.id),
    uniqueIndex("notifications_event").on(t.event_id, t.user_id),
    index("notifications_object").on(t.object_id),
    index("notifications_scope").on(t.scope_id, t.user_id),
    index("notifications_hidden").on(t.hidden_by).where(sql`hidden_by is not null`),
    index("notifications_mail").on(t.mail_at).where(sql`mail_at is not null`),
    index("notifications_mailed").on(t.mail_id).where(sql`mail_id is not null`),
  ],
);
