import { controller, List, operation } from "@stoa/http";
import type { MessagingDeps } from "../deps.ts";
import { blockExample } from "../examples.ts";
import { blockUser } from "./block.ts";
import { listBlocks } from "./list.ts";
import { Block, BlockParams, BlocksQuery } from "./schema.ts";
import { unblockUser } from "./unblock.ts";

const common = { access: "user", tags: ["moderation"] } as const;

/** Whom one has blocked. */
export const blockRoutes = (deps: MessagingDeps) =>
  controller(deps.http, "/api/v1/blocks")
    .get(
      "",
      ({ actor, query }) => listBlocks(deps, actor, query),
      operation({
        id: "blocks.list",
        ...common,
        summary: "List those whom one has blocked, latest first",
        description: "For you alone: nobody else sees whom you have blocked.",
        query: BlocksQuery,
        answer: List(Block),
        errors: ["invalid_cursor"],
        example: { answer: { items: [blockExample], next_cursor: null } },
      }),
    )
    .put(
      "/:user_id",
      ({ actor, params }) => blockUser(deps, actor, params.user_id),
      operation({
        id: "blocks.add",
        ...common,
        summary: "Block someone",
        description:
          "Neither of you can send the other direct messages, what they say does not notify you, and they cannot add you to a group. They are not told.",
        params: BlockParams,
        answer: Block,
        errors: ["not_found"],
        example: { answer: blockExample },
      }),
    )
    .delete(
      "/:user_id",
      ({ actor, params }) => unblockUser(deps, actor, params.user_id),
      operation({
        id: "blocks.remove",
        ...common,
        summary: "Block someone no more",
        description: "Someone who is not blocked stays so.",
        params: BlockParams,
        answer: null,
        errors: ["not_found"],
      }),
    );
