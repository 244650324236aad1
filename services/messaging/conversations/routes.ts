import { Type } from "@sinclair/typebox";
import type { Actor } from "@stoa/auth";
import {
  type AnswerSettings,
  controller,
  created,
  Id,
  idempotent,
  ifMatch,
  operation,
  refuseReadOnly,
  requireMatch,
  tagged,
} from "@stoa/http";
import type { Static } from "elysia";
import type { MessagingDeps } from "../deps.ts";
import { readAsOwner } from "./as-owner.ts";
import { createConversation } from "./create.ts";
import { leaveConversation } from "./leave.ts";
import { listConversations } from "./list.ts";
import { markRead } from "./mark-read.ts";
import { muteConversation } from "./mute.ts";
import { readConversation } from "./read.ts";
import { renameConversation } from "./rename.ts";
import {
  ConversationListQuery,
  ConversationPage,
  ConversationPatch,
  ConversationSchema,
  conversationExample,
  NewConversationBody,
  ReadBody,
} from "./schema.ts";

const path = "/api/v1/conversations";
const params = Type.Object({ id: Id() });
const common = { access: "user", tags: ["conversations"] } as const;
const one = { ...common, params, answer: ConversationSchema, errors: ["not_found"] } as const;
const example = { answer: conversationExample };
const renaming = {
  ...one,
  description: "A merge patch. The group's owner may, and only the title can change.",
  body: ConversationPatch,
  errors: ["not_found", "forbidden", "managed_by_project", "version_conflict"],
  example: { body: { title: "Launch" }, ...example },
} as const;

interface Renaming {
  readonly actor: Actor;
  readonly params: { readonly id: string };
  readonly body: Static<typeof ConversationPatch>;
  readonly request: Request;
  readonly set: AnswerSettings;
}

/** Conversations. */
export const conversationRoutes = (deps: MessagingDeps) => {
  const rename = async ({ actor, params, body, request, set }: Renaming) => {
    const renamed = await renameConversation(deps, actor, params.id, (present) => {
      requireMatch(request.headers, present);
      refuseReadOnly(present, body, ["title"]);
      return body.title;
    });
    return tagged(set, renamed);
  };
  return controller(deps.http, path)
    .get(
      "",
      ({ actor, query }) => listConversations(deps, actor, query),
      operation({
        ...common,
        summary: "List one's conversations, latest activity first",
        query: ConversationListQuery,
        answer: ConversationPage,
        errors: ["invalid_cursor"],
        example: { answer: { items: [conversationExample], next_cursor: null } },
      }),
    )
    .post(
      "",
      async ({ actor, principal, body, request, set }) => {
        const { conversation, made } = await idempotent(
          deps,
          { principal, request, body, set },
          (claim) => createConversation(deps, actor, body, claim),
          async (id) => ({ conversation: await readConversation(deps.db, actor.user_id, id), made: true }),
        );
        if (made) return created(set, conversation, `${path}/${conversation.id}`);
        set.status = 200;
        return tagged(set, conversation);
      },
      operation({
        ...common,
        summary: "Open a direct conversation or make a group",
        description: "The same two people always have the same direct conversation: 200 when it exists.",
        body: NewConversationBody,
        status: 201,
        answer: ConversationSchema,
        errors: ["not_found", "idempotency_key_reused"],
        example: { body: { type: "group", title: "Launch", usernames: ["bob"] }, ...example },
      }),
    )
    .get(
      "/:id",
      async ({ actor, params, set }) => tagged(set, await readAsOwner(deps.db, actor, params.id)),
      operation({ ...one, summary: "Read a conversation", example }),
    )
    .patch("/:id", rename, operation({ ...renaming, summary: "Rename a group" }))
    .delete(
      "/:id",
      ({ actor, params, headers }) => leaveConversation(deps, actor, params.id, ifMatch(headers)),
      operation({
        ...common,
        summary: "Leave a conversation",
        description: "A direct conversation comes back when either writes in it again.",
        params,
        answer: null,
        errors: ["not_found", "managed_by_project", "version_conflict"],
      }),
    )
    .put(
      "/:id/mute",
      async ({ actor, params, set }) => tagged(set, await muteConversation(deps, actor, params.id, true)),
      operation({ ...one, summary: "Mute a conversation for oneself", example }),
    )
    .delete(
      "/:id/mute",
      async ({ actor, params }) => {
        await muteConversation(deps, actor, params.id, false);
      },
      operation({ ...common, summary: "Unmute a conversation", params, answer: null, errors: ["not_found"] }),
    )
    .post(
      "/:id/read",
      async ({ actor, params, body, set }) => tagged(set, await markRead(deps, actor, params.id, body.seq)),
      operation({
        ...one,
        summary: "Move one's read mark",
        description: "A mark set back has no effect; one past the end is set to the end.",
        body: ReadBody,
        example: { body: { seq: 42 }, ...example },
      }),
    );
};
