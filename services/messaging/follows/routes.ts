import { controller, operation } from "@stoa/http";
import type { MessagingDeps } from "../deps.ts";
import { followExample } from "../examples.ts";
import { followTask } from "./follow.ts";
import { readFollow } from "./read.ts";
import { Follow, FollowParams } from "./schema.ts";

const common = { access: "user", tags: ["follows"], params: FollowParams, errors: ["not_found", "forbidden"] } as const;

/** Who is told of what is said about a task. */
export const followRoutes = (deps: MessagingDeps) =>
  controller(deps.http, "/api/v1/follows/tasks/:id")
    .get(
      "",
      ({ actor, params }) => readFollow(deps, actor, params.id),
      operation({
        id: "follows.tasks.get",
        ...common,
        summary: "Read whether you follow a task",
        description:
          "Whoever made it, is assigned to it, wrote about it, was mentioned there or asked to follows it, unless they asked not to.",
        answer: Follow,
        example: { answer: followExample },
      }),
    )
    .put(
      "",
      ({ actor, params }) => followTask(deps, actor, params.id, true),
      operation({
        id: "follows.tasks.set",
        ...common,
        summary: "Follow a task",
        description: "You are notified of what others say about it. For whoever sees the task.",
        answer: Follow,
        example: { answer: followExample },
      }),
    )
    .delete(
      "",
      async ({ actor, params }) => {
        await followTask(deps, actor, params.id, false);
      },
      operation({
        id: "follows.tasks.delete",
        ...common,
        summary: "Follow a task no more",
        description:
          "It holds until you ask for it again, also when the task is assigned to you or you write about it. Repeating it changes nothing.",
        answer: null,
        example: {},
      }),
    );
