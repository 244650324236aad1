import { type Purge, sql } from "@stoa/db";
import { webhookDeliveries } from "./table.ts";

/** How long it is shown what became of a delivery. */
export const DELIVERY_DAYS = 30;

/** Deliveries go when nobody asks any more what became of them. */
export const deliveryPurge: Purge = {
  table: webhookDeliveries,
  past: (now) =>
    sql`${webhookDeliveries.created_at} <= ${new Date(now.getTime() - DELIVERY_DAYS * 86_400_000).toISOString()}`,
};
