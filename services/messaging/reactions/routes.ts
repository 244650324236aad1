import { controller, operation, tagged } from "@stoa/http";
import type { MessagingDeps } from "../deps.ts";
import { messageExample } from "../examples.ts";
import { Message } from "../messages/schema.ts";
import { react } from "./react.ts";
import { ReactionParams } from "./schema.ts";

const one = { access: "user", tags: ["messages"], params: ReactionParams, answer: Message } as const;
const reactions = [{ emoji: "👍", count: 1, me: true, user_ids: [String(messageExample.sender_id)] }];

/** Reactions to messages. */
export const reactionRoutes = (deps: MessagingDeps) =>
  controller(deps.http, "/api/v1/messages/:id/reactions")
    .put(
      "/:emoji",
      async ({ actor, params, set }) => tagged(set, await react(deps, actor, params.id, params.emoji, true)),
      operation({
        id: "messages.reactions.add",
        ...one,
        summary: "React to a message",
        description:
          "For participants: once with each emoji. A message has 50 different ones at most. Repeating it changes nothing.",
        errors: ["not_found", "forbidden", "message_deleted", "too_many_reactions"],
        example: { answer: { ...messageExample, reactions } },
      }),
    )
    .delete(
      "/:emoji",
      async ({ actor, params, set }) => tagged(set, await react(deps, actor, params.id, params.emoji, false)),
      operation({
        id: "messages.reactions.remove",
        ...one,
        summary: "Take a reaction back",
        description: "Your own. Without it the message stays as it is.",
        errors: ["not_found", "forbidden"],
        example: { answer: messageExample },
      }),
    );
