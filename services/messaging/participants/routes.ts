import { controller, ifMatch, operation, tagged } from "@stoa/http";
import { Conversation, ParticipantParams } from "../conversations/schema.ts";
import type { MessagingDeps } from "../deps.ts";
import { conversationExample } from "../examples.ts";
import { addParticipant } from "./add.ts";
import { removeParticipant } from "./remove.ts";

const common = {
  access: "user",
  tags: ["conversations"],
  params: ParticipantParams,
  errors: ["not_found", "forbidden", "managed_by_project", "version_conflict"],
} as const;

/** Participants of groups. */
export const participantRoutes = (deps: MessagingDeps) =>
  controller(deps.http, "/api/v1/conversations/:id/participants")
    .put(
      "/:user_id",
      async ({ actor, params, headers, set }) =>
        tagged(set, await addParticipant(deps, actor, params.id, params.user_id, ifMatch(headers))),
      operation({
        id: "conversations.participants.add",
        ...common,
        summary: "Add someone to a group",
        description: "The group's owner may. Someone who takes part already stays.",
        answer: Conversation,
        example: { answer: conversationExample },
      }),
    )
    .delete(
      "/:user_id",
      ({ actor, params, headers }) => removeParticipant(deps, actor, params.id, params.user_id, ifMatch(headers)),
      operation({
        id: "conversations.participants.remove",
        ...common,
        summary: "Remove someone from a group, or leave it",
        description: "The group's owner removes others; anyone may leave.",
        answer: null,
        resource: Conversation,
      }),
    );
