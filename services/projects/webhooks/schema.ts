import { type Static, Type } from "@sinclair/typebox";
import { type EventNameOf, eventCatalogue } from "@stoa/events";
import { Id, listQuery, Nullable, OneOf, Patch, QueryList, Text, Time, withDefault } from "@stoa/http";
import { secretPattern } from "@stoa/webhooks/secret";
import { URL_MAX } from "@stoa/webhooks/target";

/** Private views are nobody else's, what happens to webhooks is seen where they are, and an import is of no project. */
const types = Object.keys(eventCatalogue.projects).filter((name) => !/^(?:view|webhook|import)\./.test(name)) as [
  EventNameOf<"projects">,
  ...EventNameOf<"projects">[],
];

const EventType = OneOf(types, { title: "ProjectEventType", description: "The name of an event." });

const fields = {
  url: Text({ max: URL_MAX, description: "Where events are sent to by POST. Private addresses are refused." }),
  events: Type.Array(EventType, {
    minItems: 1,
    maxItems: types.length,
    uniqueItems: true,
    description: "The names of the events that it gets.",
  }),
};

const secret = {
  verbatim: true,
  pattern: secretPattern.source,
  message: "A secret is `whsec_` and the base64 of 24 to 64 bytes.",
} as const;

const is_active = Type.Boolean({
  description: "False: it gets nothing. Its receiver has answered 410, or an owner has switched it off.",
});

/** Where a project's events are sent to. */
export const Webhook = Type.Object(
  {
    id: Id(),
    ...fields,
    is_active,
    created_at: Time(),
  },
  { title: "Webhook", additionalProperties: false },
);
/** Where a project's events are sent to. */
export type Webhook = Static<typeof Webhook>;

/** A webhook as it is shown once, when it is made. */
export const CreatedWebhook = Type.Object(
  {
    ...Webhook.properties,
    secret: Type.String({ description: "Signs what is sent (Standard Webhooks). It is shown this once." }),
  },
  { title: "CreatedWebhook", additionalProperties: false },
);
/** A webhook as it is shown once, when it is made. */
export type CreatedWebhook = Static<typeof CreatedWebhook>;

const changing = { ...fields, is_active: withDefault(is_active, true) };

/** Body of PATCH and PUT /projects/{id}/webhooks/{webhook_id}. */
export const WebhookPatch = Patch(changing, Webhook);
/** A change of a webhook. */
export type WebhookPatch = Static<typeof WebhookPatch>;
/** The names of the fields that it may change. */
export const webhookFields = Object.keys(changing) as readonly (keyof typeof changing)[];

/** Body of POST /projects/{id}/webhooks. */
export const NewWebhook = Type.Object(
  {
    ...fields,
    secret: Type.Optional(Text({ max: 94, ...secret, description: "Made when absent." })),
  },
  { title: "NewWebhook" },
);
/** The body of POST /projects/{id}/webhooks. */
export type NewWebhook = Static<typeof NewWebhook>;

const deliveryStatuses = ["pending", "delivered", "failed"] as const;

/** An event on its way to a webhook, or there, or given up. */
export const Delivery = Type.Object(
  {
    id: Id(),
    webhook_id: Id({ description: "The webhook." }),
    event_id: Id({ description: "The event: the `webhook-id` of each attempt." }),
    type: Type.String({ description: "The event's name: `task.completed`." }),
    status: OneOf(deliveryStatuses, { description: "What became of it." }),
    attempts: Type.Integer({ description: "How often it was tried." }),
    response_status: Nullable(
      Type.Integer({ description: "The status of the last answer; null: there was none, or not yet an attempt." }),
    ),
    duration_ms: Nullable(Type.Integer({ description: "How long the last attempt took; milliseconds." })),
    attempted_at: Nullable(Time({ description: "When it was tried last." })),
    next_attempt_at: Nullable(Time({ description: "When it is tried next; null when it is not." })),
    created_at: Time(),
  },
  { title: "WebhookDelivery", additionalProperties: false },
);
/** An event on its way to a webhook, or there, or given up. */
export type Delivery = Static<typeof Delivery>;

/** Query of GET /projects/{id}/webhooks/{webhook_id}/deliveries. */
export const DeliveriesQuery = listQuery({
  status: QueryList(OneOf(deliveryStatuses), { description: "Those of which one of these became." }),
});
/** The query of GET /projects/{id}/webhooks/{webhook_id}/deliveries. */
export type DeliveriesQuery = Static<typeof DeliveriesQuery>;

/** Path of one webhook. */
export const WebhookParams = Type.Object({
  id: Id({ description: "A project." }),
  webhook_id: Id({ description: "A webhook of it." }),
});

/** Path of one delivery. */
export const DeliveryParams = Type.Object({
  ...WebhookParams.properties,
  delivery_id: Id({ description: "A delivery to it." }),
});
