import type { Actor } from "@stoa/auth";
import { insertRow, newId, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { type Claim, command, type Part } from "@stoa/journal";
import { newSecret, secretBytes } from "@stoa/webhooks/secret";
import { webhooks } from "@stoa/webhooks/table";
import { access, requireAccess } from "../access.ts";
import type { WebhookDeps } from "../deps.ts";
import { liveProject, readLiveProject } from "../projects/read.ts";
import { sameProject } from "../projects/version.ts";
import { readWebhook } from "./read.ts";
import { selectWebhook, shapeWebhook } from "./row.ts";
import type { CreatedWebhook, NewWebhook } from "./schema.ts";
import { targetOf } from "./target.ts";

/** Webhooks of a project: each event is sent to each that asks for it. */
export const MOST_WEBHOOKS = 20;

/**
 * Makes a webhook: from now on, the events that it asks for are sent there.
 *
 * @returns the webhook with its secret, which no one is shown again; undefined when a guard did not hold that holds by now
 * @throws StoaError `validation_failed` for the URL or the secret, `not_found`, `forbidden`, `too_many_webhooks`.
 */
export async function createWebhook(
  { db, now, webhooks: { box, targets } }: WebhookDeps,
  actor: Actor,
  project_id: string,
  { events, secret = newSecret(), ...input }: NewWebhook,
  claim: Claim,
): Promise<CreatedWebhook | undefined> {
  const url = targetOf(targets, input.url);
  if (!secretBytes(secret)) {
    const message = "A secret is `whsec_` and the base64 of 24 to 64 bytes.";
    throw new StoaError("validation_failed", { errors: [{ path: "/secret", message }] });
  }
  const project = await readLiveProject(db, actor, project_id);
  requireAccess(project.role, "manage");
  const id = newId();
  const time = now().toISOString();
  const few: Part = {
    guard: sql`(select count(*) from webhooks where scope_id = ${project_id}) < ${MOST_WEBHOOKS}`,
    why: () => new StoaError("too_many_webhooks"),
  };
  const sealed = await box.seal(id, secret);
  const created: Part = {
    effects: (happened) => [
      insertRow(
        webhooks,
        {
          id,
          scope_id: project_id,
          url,
          events: JSON.stringify(events),
          secret: sealed,
          // The event of this command is the last in the journal.
          since_seq: sql`(select max(seq) from journal)`,
          creator_id: actor.user_id,
          created_at: time,
        },
        happened,
      ),
    ],
  };
  const rows = await command(
    db,
    actor.cause,
    {
      type: "webhook.created",
      aggregate_id: project_id,
      entity_id: id,
      organization_id: project.organization_id,
      time,
      data: { webhook_id: id, scope_id: project_id, events },
    },
    [liveProject(project_id), access(actor, "manage", project_id), few, claim(id), sameProject(project), created],
    selectWebhook(project_id, id),
  );
  return rows?.[0] && { ...shapeWebhook(rows[0]), secret };
}

/** A webhook as it was answered to the request that made it: for one that repeats it. @throws StoaError `not_found`, `forbidden`. */
export async function readCreatedWebhook(
  { db, webhooks: { box } }: WebhookDeps,
  actor: Actor,
  project_id: string,
  id: string,
): Promise<CreatedWebhook> {
  const { webhook } = await readWebhook(db, actor, project_id, id);
  const [row] = await db.query(select({ secret: webhooks.secret }, sql`from ${webhooks} where id = ${id}`));
  return { ...webhook, secret: (await box.open(id, row?.secret ?? "")).text };
}
