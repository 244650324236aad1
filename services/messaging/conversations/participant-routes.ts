import { Type } from "@sinclair/typebox";
import { controller, Id, ifMatch, operation, tagged } from "@stoa/http";
import type { MessagingDeps } from "../deps.ts";
import { addParticipant } from "./add-participant.ts";
import { removeParticipant } from "./remove-participant.ts";
import { ConversationSchema, conversationExample } from "./schema.ts";

const common = {
  access: "user",
  tags: ["conversations"],
  params: Type.Object({ id: Id(), user_id: Id() }),
  errors: ["not_found", "forbidden", "managed_by_project", "version_conflict"],
} as const;

/** Who takes part in a group. */
export const participantRoutes = (deps: MessagingDeps) =>
  controller(deps.http, "/api/v1/conversations/:id/participants")
    .put(
      "/:user_id",
      async ({ actor, params, headers, set }) =>
        tagged(set, await addParticipant(deps, actor, params.id, params.user_id, ifMatch(headers))),
      operation({
        ...common,
        summary: "Take someone into a group",
        answer: ConversationSchema,
        example: { answer: conversationExample },
      }),
    )
    .delete(
      "/:user_id",
      ({ actor, params, headers }) => removeParticipant(deps, actor, params.id, params.user_id, ifMatch(headers)),
      operation({ ...common, summary: "Take someone out of a group, or leave it", answer: null }),
    );
