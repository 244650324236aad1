import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { type Page, type PageRequest, pagePlan, readPage } from "@stoa/http/list/index";
import { webhooks } from "@stoa/webhooks/table";
import type { ListDeps } from "../deps.ts";
import { projectWithWebhooks } from "./read.ts";
import { shapeWebhook, webhookColumns } from "./row.ts";
import type { Webhook } from "./schema.ts";

/** A project's webhooks, newest first, without their secrets. @throws StoaError `not_found`, `forbidden`, `invalid_cursor`. */
export async function listWebhooks(
  { db, cursor_key }: ListDeps,
  actor: Actor,
  project_id: string,
  request: PageRequest,
): Promise<Page<Webhook>> {
  await projectWithWebhooks(db, actor, project_id);
  const plan = pagePlan(cursor_key, request, {
    name: "webhooks",
    filters: { project_id },
    order: [{ column: webhookColumns.id, direction: "desc" }],
  });
  const where = sql`scope_id = ${project_id}`;
  return readPage(db, plan, { columns: webhookColumns, from: sql`${webhooks}`, where }, shapeWebhook);
}
