import type { Actor } from "@stoa/auth";
import type { Database } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { requireAccess } from "../access.ts";
import { readProject } from "../projects/read.ts";
import type { Project } from "../projects/schema.ts";
import { type DeliveryRow, selectDelivery, selectWebhook, shapeWebhook } from "./row.ts";
import type { Webhook } from "./schema.ts";

/** A project whose webhooks the user sees: one of their own. @throws StoaError `not_found`, `forbidden`. */
export async function projectWithWebhooks(db: Database, actor: Actor, project_id: string): Promise<Project> {
  const project = await readProject(db, actor, project_id);
  requireAccess(project.role, "manage");
  return project;
}

/** A webhook and its project. @throws StoaError `not_found` for either, `forbidden`. */
export async function readWebhook(
  db: Database,
  actor: Actor,
  project_id: string,
  id: string,
): Promise<{ readonly project: Project; readonly webhook: Webhook }> {
  const project = await projectWithWebhooks(db, actor, project_id);
  const [row] = await db.query(selectWebhook(project_id, id));
  if (!row) throw noSuchWebhook();
  return { project, webhook: shapeWebhook(row) };
}

/** Why a webhook is not found. */
export function noSuchWebhook(): StoaError {
  return new StoaError("not_found", { detail: "There is no such webhook." });
}

/** A delivery to a webhook of which the caller knows that the user sees it. @throws StoaError `not_found`. */
export async function readDelivery(db: Database, webhook_id: string, id: string): Promise<DeliveryRow> {
  const [row] = await db.query(selectDelivery(webhook_id, id));
  if (!row) throw new StoaError("not_found", { detail: "There is no such delivery." });
  return row;
}
