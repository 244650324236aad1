import type { Actor } from "@stoa/auth";
import { insertRow, newId, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { command, type Part, retrying } from "@stoa/journal";
import { webhookDeliveries } from "@stoa/webhooks/table";
import { access } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { sameProject } from "../projects/version.ts";
import { noSuchWebhook, readDelivery, readWebhook } from "./read.ts";
import { selectDelivery, shapeDelivery } from "./row.ts";
import type { Delivery } from "./schema.ts";

/**
 * Sends an event once more, whatever became of the delivery: as a new delivery with the same event id, so that a receiver
 * that has it can drop it.
 *
 * @throws StoaError `not_found`, `forbidden`, `webhook_inactive`.
 */
export function redeliver(
  { db, now }: StoreDeps,
  actor: Actor,
  project_id: string,
  webhook_id: string,
  delivery_id: string,
): Promise<Delivery> {
  return retrying(db, `webhook ${webhook_id}`, async () => {
    const { project } = await readWebhook(db, actor, project_id, webhook_id);
    const { event_id, type } = await readDelivery(db, webhook_id, delivery_id);
    const id = newId();
    const time = now().toISOString();
    const there: Part = {
      guard: sql`exists (select 1 from webhooks where id = ${webhook_id})`,
      why: noSuchWebhook,
    };
    const again: Part = {
      guard: sql`exists (select 1 from webhooks where id = ${webhook_id} and is_active = 1)`,
      why: () => new StoaError("webhook_inactive"),
      effects: (happened) => [
        insertRow(
          webhookDeliveries,
          { id, webhook_id, event_id, type, status: "pending", next_at: time, created_at: time },
          happened,
        ),
      ],
    };
    const rows = await command(
      db,
      actor.cause,
      {
        type: "webhook.redelivered",
        aggregate_id: project_id,
        entity_id: webhook_id,
        organization_id: project.organization_id,
        time,
        data: { webhook_id, scope_id: project_id, delivery_id: id, event_id },
      },
      [access(actor, "manage", project_id), there, sameProject(project), again],
      selectDelivery(webhook_id, id),
    );
    return rows?.[0] && shapeDelivery(rows[0]);
  });
}
