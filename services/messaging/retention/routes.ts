import { controller, operation } from "@stoa/http";
import type { MessagingDeps } from "../deps.ts";
import { requestErasure } from "./request-erasure.ts";

/** How one's own messages go. */
export const retentionRoutes = (deps: MessagingDeps) =>
  controller(deps.http, "/api/v1/messages").post(
    "/erase",
    async ({ actor, set }) => {
      await requestErasure(deps, actor);
      set.status = 202;
    },
    operation({
      id: "messages.erase",
      access: "user",
      tags: ["moderation"],
      summary: "Erase all messages that one has sent",
      description:
        "Everything that you have sent so far, in every conversation, also in those that you have left, is deleted as single messages are: each keeps its place without its text. It begins within seconds and takes as long as there are messages; it cannot be taken back.",
      status: 202,
      answer: null,
    }),
  );
