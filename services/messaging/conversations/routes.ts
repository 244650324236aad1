import { controller, created, idempotent, ifMatch, List, operation, tagged } from "@stoa/http";
import type { MessagingDeps } from "../deps.ts";
import { conversationExample } from "../examples.ts";
import { leaveConversation } from "../participants/remove.ts";
import { changeConversation } from "./change.ts";
import { createConversation } from "./create.ts";
import { listConversations } from "./list.ts";
import { markRead } from "./mark-read.ts";
import { muteConversation } from "./mute.ts";
import { readConversation } from "./read.ts";
import {
  Conversation,
  ConversationParams,
  ConversationPatch,
  ConversationsQuery,
  NewConversation,
  ReadMark,
} from "./schema.ts";

const path = "/api/v1/conversations";
const params = ConversationParams;
const common = { access: "user", tags: ["conversations"] } as const;
const one = { ...common, params, answer: Conversation, errors: ["not_found", "forbidden"] } as const;
const example = { answer: conversationExample };
/** Conversations. */
export const conversationRoutes = (deps: MessagingDeps) =>
  controller(deps.http, path)
    .get(
      "",
      ({ actor, query }) => listConversations(deps, actor, query),
      operation({
        id: "conversations.list",
        ...common,
        summary: "List one's conversations, latest activity first",
        description: "Those that you take part in, each with its last message and what you have not read.",
        query: ConversationsQuery,
        answer: List(Conversation),
        errors: ["invalid_cursor"],
        example: { answer: { items: [conversationExample], next_cursor: null } },
      }),
    )
    .post(
      "",
      async ({ asked, actor, body, set }) => {
        const { conversation, made } = await idempotent(
          deps,
          asked,
          (claim) => createConversation(deps, actor, body, claim),
          async (id) => ({ conversation: await readConversation(deps.db, actor, id), made: true }),
        );
        if (made) return created(set, conversation, `${path}/${conversation.id}`);
        set.status = 200;
        return tagged(set, conversation);
      },
      operation({
        id: "conversations.create",
        ...common,
        summary: "Open a direct conversation or make a group",
        description:
          "You take part in it in any case. The same two people always have the same direct conversation: 200 when it exists.",
        body: NewConversation,
        status: 201,
        otherStatus: 200,
        answer: Conversation,
        errors: ["not_found", "blocked", "idempotency_key_reused"],
        example: { body: { type: "group", title: "Launch", usernames: ["ada"] }, ...example },
      }),
    )
    .get(
      "/:id",
      async ({ actor, params, set }) => tagged(set, await readConversation(deps.db, actor, params.id)),
      operation({
        id: "conversations.get",
        ...one,
        summary: "Read a conversation",
        description: "For participants. `unread`, `mentions`, `read_seq` and `muted` are your own.",
        example,
      }),
    )
    .patch(
      "/:id",
      async ({ actor, params, body, headers, set }) =>
        tagged(set, await changeConversation(deps, actor, params.id, body, ifMatch(headers))),
      operation({
        id: "conversations.update",
        ...one,
        description: "A merge patch, for the group's owner. Only the title can change.",
        body: ConversationPatch,
        errors: ["not_found", "forbidden", "managed_by_project", "version_conflict"],
        example: { body: { title: "Launch" }, ...example },
        summary: "Rename a group",
      }),
    )
    .delete(
      "/:id",
      ({ actor, params, headers }) => leaveConversation(deps, actor, params.id, ifMatch(headers)),
      operation({
        id: "conversations.leave",
        ...common,
        summary: "Leave a conversation",
        description:
          "You get no more of it. A direct conversation comes back when either of the two writes in it again. A group that its owner leaves belongs to whoever has been in it longest; one that nobody is in is deleted after 30 days.",
        params,
        answer: null,
        resource: Conversation,
        errors: ["not_found", "forbidden", "managed_by_project", "version_conflict"],
      }),
    )
    .put(
      "/:id/mute",
      async ({ actor, params, set }) => tagged(set, await muteConversation(deps, actor, params.id, true)),
      operation({
        id: "conversations.mute",
        ...one,
        summary: "Mute a conversation for oneself",
        description: "For you alone; nobody else sees it.",
        example,
      }),
    )
    .delete(
      "/:id/mute",
      async ({ actor, params }) => {
        await muteConversation(deps, actor, params.id, false);
      },
      operation({
        id: "conversations.unmute",
        ...common,
        summary: "Unmute a conversation",
        description: "For you alone. A conversation that is not muted stays as it is.",
        params,
        answer: null,
        errors: ["not_found", "forbidden"],
      }),
    )
    .post(
      "/:id/read",
      async ({ actor, params, body, set }) => tagged(set, await markRead(deps, actor, params.id, body.seq)),
      operation({
        id: "conversations.markRead",
        ...one,
        summary: "Move one's read mark",
        description:
          "You have read everything up to `seq`. A mark is never set back; one past the end is set to the end.",
        body: ReadMark,
        example: { body: { seq: 42 }, ...example },
      }),
    );
