import { Type } from "@sinclair/typebox";
import { controller, created, idempotent, List, operation, pageQuery } from "@stoa/http";
import type { ProjectsDeps } from "../deps.ts";
import { deliveryExample, webhookExample as example } from "../examples.ts";
import { ProjectParams } from "../projects/schema.ts";
import { changeWebhook } from "./change.ts";
import { createWebhook, readCreatedWebhook } from "./create.ts";
import { deleteWebhook } from "./delete.ts";
import { listWebhooks } from "./list.ts";
import { listDeliveries } from "./list-deliveries.ts";
import { redeliver } from "./redeliver.ts";
import {
  CreatedWebhook,
  DeliveriesQuery,
  Delivery,
  DeliveryParams,
  NewWebhook,
  Webhook,
  WebhookParams,
  WebhookPatch,
} from "./schema.ts";

const common = { access: "user", tags: ["webhooks"] } as const;
const { secret, ...shown } = example;

/** Webhooks of projects, and what became of their deliveries. */
export const webhookRoutes = (deps: ProjectsDeps) =>
  controller(deps.http, "/api/v1/projects/:id/webhooks")
    .get(
      "",
      ({ actor, params, query }) => listWebhooks(deps, actor, params.id, query),
      operation({
        id: "projects.webhooks.list",
        ...common,
        summary: "List a project's webhooks",
        description: "For owners, newest first. Secrets are not shown.",
        params: ProjectParams,
        query: Type.Object(pageQuery),
        answer: List(Webhook),
        errors: ["not_found", "forbidden", "invalid_cursor"],
        example: { answer: { items: [shown], next_cursor: null } },
      }),
    )
    .post(
      "",
      async (context) => {
        const { actor, body, params, set } = context;
        const webhook = await idempotent(
          deps,
          context,
          (claim) => createWebhook(deps, actor, params.id, body, claim),
          (id) => readCreatedWebhook(deps, actor, params.id, id),
        );
        set.headers["cache-control"] = "no-store";
        return created(set, webhook, `/api/v1/projects/${params.id}/webhooks/${webhook.id}`);
      },
      operation({
        id: "projects.webhooks.create",
        ...common,
        summary: "Make a webhook",
        description:
          "For owners. From now on these events are sent to the URL, signed as Standard Webhooks says. The answer alone has the secret. Private addresses are refused.",
        params: ProjectParams,
        body: NewWebhook,
        status: 201,
        answer: CreatedWebhook,
        errors: ["not_found", "forbidden", "too_many_webhooks", "idempotency_key_reused"],
        example: { body: { url: example.url, events: example.events }, answer: example },
      }),
    )
    .patch(
      "/:webhook_id",
      ({ actor, params, body }) => changeWebhook(deps, actor, params.id, params.webhook_id, body),
      operation({
        id: "projects.webhooks.update",
        ...common,
        summary: "Change a webhook, switch it off or on again",
        description: `For owners. Its secret stays. What waits for one that is switched off is given up; one that is switched on,
also after its receiver has answered 410, gets what happens from then on.`,
        params: WebhookParams,
        body: WebhookPatch,
        answer: Webhook,
        errors: ["not_found", "forbidden"],
        example: { body: { is_active: true }, answer: shown },
      }),
    )
    .delete(
      "/:webhook_id",
      async ({ actor, params }) => deleteWebhook(deps, actor, params.id, params.webhook_id),
      operation({
        id: "projects.webhooks.delete",
        ...common,
        summary: "Delete a webhook",
        description: "For owners. Its deliveries go with it.",
        params: WebhookParams,
        answer: null,
        errors: ["not_found", "forbidden"],
      }),
    )
    .get(
      "/:webhook_id/deliveries",
      ({ actor, params, query }) => listDeliveries(deps, actor, params.id, params.webhook_id, query),
      operation({
        id: "projects.webhooks.deliveries.list",
        ...common,
        summary: "List what became of deliveries",
        description:
          "For owners: those of the last 30 days, newest first. What a receiver answered is not kept, apart from its status.",
        params: WebhookParams,
        query: DeliveriesQuery,
        answer: List(Delivery),
        errors: ["not_found", "forbidden", "invalid_cursor"],
        example: { answer: { items: [deliveryExample], next_cursor: null } },
      }),
    )
    .post(
      "/:webhook_id/deliveries/:delivery_id/redeliver",
      async ({ actor, params, set }) => {
        set.status = 200;
        return redeliver(deps, actor, params.id, params.webhook_id, params.delivery_id);
      },
      operation({
        id: "projects.webhooks.deliveries.redeliver",
        ...common,
        summary: "Send an event once more",
        description: "For owners. It is a new delivery with the same event id, and answered as that.",
        params: DeliveryParams,
        answer: Delivery,
        errors: ["not_found", "forbidden", "webhook_inactive"],
        example: { answer: { ...deliveryExample, id: "0197a1c0-5e2b-7c4d-9a3f-0000000000f9" } },
      }),
    );
