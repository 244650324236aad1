import { controller, ifMatch, operation, tagged } from "@stoa/http";
import type { MessagingDeps } from "../deps.ts";
import { messageExample } from "../examples.ts";
import { Message, MessageParams } from "../messages/schema.ts";
import { pinMessage } from "./pin.ts";

const one = {
  access: "user",
  tags: ["messages"],
  params: MessageParams,
  answer: Message,
  errors: ["not_found", "forbidden", "message_deleted", "version_conflict"],
} as const;

/** Pins of messages. */
export const pinRoutes = (deps: MessagingDeps) =>
  controller(deps.http, "/api/v1/messages/:id/pin")
    .put(
      "",
      async ({ actor, params, headers, set }) =>
        tagged(set, await pinMessage(deps, actor, params.id, true, ifMatch(headers))),
      operation({
        id: "messages.pin",
        ...one,
        summary: "Pin a message",
        description:
          "For participants. `pinned=true` lists the pinned messages of a conversation. Repeating it changes nothing.",
        example: { answer: { ...messageExample, pinned_at: messageExample.created_at, version: 2 } },
      }),
    )
    .delete(
      "",
      async ({ actor, params, headers, set }) =>
        tagged(set, await pinMessage(deps, actor, params.id, false, ifMatch(headers))),
      operation({
        id: "messages.unpin",
        ...one,
        summary: "Take a message's pin off",
        description: "For participants. A message without a pin stays as it is.",
        example: { answer: { ...messageExample, version: 3 } },
      }),
    );
