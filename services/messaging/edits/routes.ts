import { controller, ifMatch, List, listQuery, operation, tagged } from "@stoa/http";
import type { MessagingDeps } from "../deps.ts";
import { earlierTextExample, messageExample } from "../examples.ts";
import { Message, MessageParams, MessagePatch } from "../messages/schema.ts";
import { deleteMessage } from "./delete.ts";
import { editMessage } from "./edit.ts";
import { listHistory } from "./list.ts";
import { EarlierText } from "./schema.ts";

const one = { access: "user", tags: ["messages"], params: MessageParams } as const;
const example = { ...messageExample, content: "The plan is good.", version: 2, edited_at: messageExample.created_at };

/** What becomes of a message after it was sent, by its sender. */
export const editRoutes = (deps: MessagingDeps) =>
  controller(deps.http, "/api/v1/messages")
    .patch(
      "/:id",
      async ({ actor, params, body, headers, set }) =>
        tagged(set, await editMessage(deps, actor, params.id, body, ifMatch(headers))),
      operation({
        id: "messages.update",
        ...one,
        summary: "Edit a message",
        description: "A merge patch, for its sender. What it said before is in its history, for all participants.",
        body: MessagePatch,
        answer: Message,
        errors: ["not_found", "forbidden", "blocked", "message_deleted", "version_conflict"],
        example: { body: { content: "The plan is good." }, answer: example },
      }),
    )
    .delete(
      "/:id",
      ({ actor, params, headers }) => deleteMessage(deps, actor, params.id, ifMatch(headers)),
      operation({
        id: "messages.delete",
        ...one,
        summary: "Delete a message",
        description:
          "For its sender, and for superusers when it was reported. It keeps its place with `content` null; its text, history and reactions are gone. Deleting it again changes nothing.",
        answer: null,
        resource: Message,
        errors: ["not_found", "forbidden", "version_conflict"],
      }),
    )
    .get(
      "/:id/history",
      ({ actor, params, query }) => listHistory(deps, actor, params.id, query),
      operation({
        id: "messages.history.list",
        ...one,
        summary: "List what a message said before",
        description:
          "For participants: each text that an edit replaced, the latest first. Empty for a deleted message.",
        query: listQuery({}),
        answer: List(EarlierText),
        errors: ["not_found", "forbidden", "invalid_cursor"],
        example: { answer: { items: [earlierTextExample], next_cursor: null } },
      }),
    );
