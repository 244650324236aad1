import { controller, ifMatch, operation, tagged } from "@stoa/http";
import { Conversation, ParticipantChange, ParticipantParams } from "../conversations/schema.ts";
import type { MessagingDeps } from "../deps.ts";
import { conversationExample } from "../examples.ts";
import { putParticipant } from "./put.ts";
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
      async ({ actor, params, body, headers, set }) =>
        tagged(set, await putParticipant(deps, actor, params.id, params.user_id, body ?? {}, ifMatch(headers))),
      operation({
        id: "conversations.participants.add",
        ...common,
        summary: "Add someone to a group, or hand it over to them",
        description:
          "The group's owner may. Someone who takes part already stays. With the role `owner` the group is theirs from now on, and its owner so far becomes a member. A group has up to 500 participants.",
        body: ParticipantChange,
        answer: Conversation,
        errors: [...common.errors, "blocked", "group_full", "last_owner"],
        example: { body: { role: "owner" }, answer: conversationExample },
      }),
    )
    .delete(
      "/:user_id",
      ({ actor, params, headers }) => removeParticipant(deps, actor, params.id, params.user_id, ifMatch(headers)),
      operation({
        id: "conversations.participants.remove",
        ...common,
        summary: "Remove someone from a group, or leave it",
        description:
          "The group's owner removes others; anyone may leave. A group that its owner leaves belongs to whoever has been in it longest.",
        answer: null,
        resource: Conversation,
      }),
    );
