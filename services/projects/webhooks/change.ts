import type { Actor } from "@stoa/auth";
import { type Sql, sql, updateRows } from "@stoa/db";
import { changesOf, refuseReadOnly } from "@stoa/http/patch";
import { command, type Part, retrying } from "@stoa/journal";
import { giveUp } from "@stoa/webhooks/give-up";
import { webhooks } from "@stoa/webhooks/table";
import { access } from "../access.ts";
import type { WebhookDeps } from "../deps.ts";
import { liveProject, readLiveProject } from "../projects/read.ts";
import { sameProject } from "../projects/version.ts";
import { readWebhook } from "./read.ts";
import { selectWebhook, shapeWebhook } from "./row.ts";
import { type Webhook, type WebhookPatch, webhookFields } from "./schema.ts";
import { targetOf } from "./target.ts";

/**
 * Changes where events go, which they are, and whether they go there at all. One that is switched off gives up what waits for
 * it; one that is switched on, also after its receiver was gone (410), gets what happens from then on. Its secret stays.
 *
 * @throws StoaError `not_found`, `forbidden`; `validation_failed` for the URL and for read-only fields.
 */
export function changeWebhook(
  { db, now, webhooks: { targets } }: WebhookDeps,
  actor: Actor,
  project_id: string,
  id: string,
  { url, ...patch }: WebhookPatch,
): Promise<Webhook> {
  const to = url === undefined ? undefined : targetOf(targets, url);
  return retrying(db, `webhook ${id}`, async () => {
    const { project, webhook } = await readWebhook(db, actor, project_id, id);
    if (project.deleted_at !== null) await readLiveProject(db, actor, project_id);
    const wanted = { ...patch, url: to, is_active: patch.is_active === null ? true : patch.is_active };
    refuseReadOnly(webhook, patch, webhookFields);
    if (changesOf(webhook, wanted, webhookFields).length === 0) return webhook;
    const { is_active = webhook.is_active, events = webhook.events } = wanted;
    const was = webhook;
    const will = { url: to ?? was.url, events: JSON.stringify(events), is_active: Number(is_active) };
    const changed: Part = {
      guard: sql`exists (select 1 from webhooks where id = ${id} and url = ${was.url}
        and events = ${JSON.stringify(was.events)} and is_active = ${was.is_active ? 1 : 0})`,
      effects: (happened) => [
        updateRows(webhooks, will, sql`id = ${id} and ${happened}`),
        ...(is_active === was.is_active ? [] : [is_active ? fromNowOn(id, happened) : giveUp(id, happened)]),
      ],
    };
    const rows = await command(
      db,
      actor.cause,
      {
        type: "webhook.changed",
        aggregate_id: project_id,
        entity_id: id,
        organization_id: project.organization_id,
        time: now().toISOString(),
        data: { webhook_id: id, scope_id: project_id, events, is_active },
      },
      [liveProject(project_id), access(actor, "manage", project_id), sameProject(project), changed],
      selectWebhook(project_id, id),
    );
    return rows?.[0] && shapeWebhook(rows[0]);
  });
}

/** What happened while it was off is not sent. */
const fromNowOn = (id: string, happened: Sql): Sql =>
  sql`update webhooks set since_seq = (select max(seq) from journal) where id = ${id} and ${happened}`;
