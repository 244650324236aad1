import type { Actor } from "@stoa/auth";
import { sql } from "@stoa/db";
import { command, type Part, retrying } from "@stoa/journal";
import { access } from "../access.ts";
import type { StoreDeps } from "../deps.ts";
import { sameProject } from "../projects/version.ts";
import { readWebhook } from "./read.ts";

/** Deletes a webhook with its deliveries, also of a project in the trash. @throws StoaError `not_found`, `forbidden`. */
export async function deleteWebhook(
  { db, now }: StoreDeps,
  actor: Actor,
  project_id: string,
  id: string,
): Promise<void> {
  await retrying(db, `webhook ${id}`, async () => {
    const { project, webhook } = await readWebhook(db, actor, project_id, id);
    const deleted: Part = {
      guard: sql`exists (select 1 from webhooks where id = ${id})`,
      effects: (happened) => [sql`delete from webhooks where id = ${id} and ${happened}`],
    };
    return command(
      db,
      actor.cause,
      {
        type: "webhook.deleted",
        aggregate_id: project_id,
        entity_id: id,
        organization_id: project.organization_id,
        time: now().toISOString(),
        data: { webhook_id: id, scope_id: project_id, events: webhook.events },
      },
      [access(actor, "manage", project_id), sameProject(project), deleted],
    );
  });
}
