import type { Actor } from "@stoa/auth";
import { all, listed, sql } from "@stoa/db";
import { type Page, pagePlan, readPage } from "@stoa/http/list/index";
import { webhookDeliveries } from "@stoa/webhooks/table";
import type { ListDeps } from "../deps.ts";
import { readWebhook } from "./read.ts";
import { deliveryColumns, shapeDelivery } from "./row.ts";
import type { DeliveriesQuery, Delivery } from "./schema.ts";

/** What became of the last 30 days' deliveries to a webhook, newest first. @throws StoaError `not_found`, `forbidden`, `invalid_cursor`. */
export async function listDeliveries(
  { db, cursor_key }: ListDeps,
  actor: Actor,
  project_id: string,
  webhook_id: string,
  query: DeliveriesQuery,
): Promise<Page<Delivery>> {
  await readWebhook(db, actor, project_id, webhook_id);
  const { status } = query;
  const plan = pagePlan(cursor_key, query, {
    name: "deliveries",
    filters: { webhook_id, status },
    order: [{ column: deliveryColumns.id, direction: "desc" }],
  });
  const where = all([
    sql`webhook_id = ${webhook_id}`,
    ...(status === undefined ? [] : [sql`status in ${listed(status)}`]),
  ]);
  return readPage(db, plan, { columns: deliveryColumns, from: sql`${webhookDeliveries}`, where }, shapeDelivery);
}
