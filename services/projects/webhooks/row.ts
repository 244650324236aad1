import { type RowOf, type Select, select, sql, storedJson } from "@stoa/db";
import { webhookDeliveries as d, webhooks as w } from "@stoa/webhooks/table";
import type { Delivery, Webhook } from "./schema.ts";

/** The columns that a webhook is made from; its secret is not among them. */
export const webhookColumns = {
  id: w.id,
  url: w.url,
  events: w.events,
  is_active: w.is_active,
  created_at: w.created_at,
};

/** One webhook of a project. */
export function selectWebhook(project_id: string, id: string): Select<RowOf<typeof webhookColumns>> {
  return select(webhookColumns, sql`from ${w} where ${w.id} = ${id} and ${w.scope_id} = ${project_id}`);
}

/** A row as it goes over the wire. */
export function shapeWebhook({ events, is_active, ...row }: RowOf<typeof webhookColumns>): Webhook {
  return { ...row, events: storedJson(events, "webhooks.events", row.id), is_active: is_active === 1 };
}

/** The columns that a delivery is made from. */
export const deliveryColumns = {
  id: d.id,
  webhook_id: d.webhook_id,
  event_id: d.event_id,
  type: d.type,
  status: d.status,
  attempts: d.attempts,
  response_status: d.response_status,
  duration_ms: d.duration_ms,
  attempted_at: d.attempted_at,
  next_at: d.next_at,
  created_at: d.created_at,
};

/** A delivery as it is read. */
export type DeliveryRow = RowOf<typeof deliveryColumns>;

/** One delivery to a webhook. */
export function selectDelivery(webhook_id: string, id: string): Select<DeliveryRow> {
  return select(deliveryColumns, sql`from ${d} where ${d.id} = ${id} and ${d.webhook_id} = ${webhook_id}`);
}

/** A row as it goes over the wire. */
export function shapeDelivery({ next_at, ...row }: DeliveryRow): Delivery {
  return { ...row, next_attempt_at: next_at };
}
