import { sql } from "drizzle-orm";
import { check, index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Where events are sent to. */
export const webhooks = sqliteTable(
  "webhooks",
  {
    id: text().primaryKey(),
    /** Whose events: the aggregate of the events, a project say. */
    scope_id: text().notNull(),
    url: text().notNull(),
    /** The names of the events, as a JSON list. */
    events: text().notNull(),
    /** The secret that signs, sealed under `SECRET_KEY`. */
    secret: text().notNull(),
    /** False once its receiver has said that it is gone. */
    is_active: integer().notNull().default(1),
    /** The end of the journal when it was made: earlier events are not its. */
    since_seq: integer().notNull(),
    creator_id: text().notNull(),
    created_at: text().notNull(),
  },
  (t) => [
    index("webhooks_scope").on(t.scope_id, t.id),
    index("webhooks_since").on(t.since_seq).where(sql`${t.is_active} = 1`),
  ],
);

/** What becomes of an event that goes to a webhook. */
export type DeliveryStatus = "pending" | "delivered" | "failed";

/** An event on its way to a webhook, or there, or given up. What is sent is made from the journal when it is sent. */
export const webhookDeliveries = sqliteTable(
  "webhook_deliveries",
  {
    id: text().primaryKey(),
    webhook_id: text()
      .notNull()
      .references(() => webhooks.id, { onDelete: "cascade" }),
    event_id: text().notNull(),
    type: text().notNull(),
    status: text().$type<DeliveryStatus>().notNull(),
    attempts: integer().notNull().default(0),
    /**
     * When it is tried next; null when it is not. Whoever tries it moves this on first, so that no one else tries it, and
     * someone does when they die.
     */
    next_at: text(),
    /** Of the last attempt: the status of the answer, null when there was none, and how long it took. */
    response_status: integer(),
    duration_ms: integer(),
    attempted_at: text(),
    created_at: text().notNull(),
  },
  (t) => [
    index("webhook_deliveries_webhook").on(t.webhook_id, t.id),
    index("webhook_deliveries_due").on(t.next_at).where(sql`${t.next_at} is not null`),
    index("webhook_deliveries_age").on(t.created_at),
  ],
);

/** How far the journal was looked at for events that go to a webhook: one row, once there was one. */
export const webhookCursor = sqliteTable(
  "webhook_cursor",
  { id: integer().primaryKey(), seq: integer().notNull() },
  (t) => [check("webhook_cursor_is_one_row", sql`${t.id} = 1`)],
);
