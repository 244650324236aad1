import { type AnswerSettings, controller, created, idempotent, List, operation, tagged } from "@stoa/http";
import { ConversationParams } from "../conversations/schema.ts";
import type { MessagingDeps } from "../deps.ts";
import { messageExample } from "../examples.ts";
import { listMessages } from "./list.ts";
import { listMyMessages } from "./list-mine.ts";
import { readUpTo } from "./mark-read.ts";
import { readMessage } from "./read.ts";
import {
  ConversationMessagesQuery,
  Message,
  MessageParams,
  MessagesQuery,
  NewDirectMessage,
  NewMessage,
  Unread,
} from "./schema.ts";
import { type Sent, sendMessage } from "./send.ts";
import { sendDirect } from "./send-direct.ts";
import { countUnread } from "./unread.ts";

const path = "/api/v1/messages";
const params = MessageParams;
const common = { access: "user", tags: ["messages"] } as const;
const page = { answer: { items: [messageExample], next_cursor: null } };
const sending = {
  ...common,
  limit: "send",
  status: 201,
  answer: Message,
  errors: ["not_found", "forbidden", "idempotency_key_reused"],
} as const;

function sent(set: AnswerSettings, { message, replayed }: Sent) {
  if (replayed) set.headers["idempotent-replayed"] = "true";
  return created(set, message, `${path}/${message.id}`);
}

/** Messages. */
export const messageRoutes = (deps: MessagingDeps) =>
  controller(deps.http, "/api/v1")
    .get(
      "/conversations/:id/messages",
      ({ actor, params, query }) => listMessages(deps, actor, params.id, query),
      operation({
        ...common,
        summary: "Read a conversation's messages",
        description: "The latest page, or the one next to the given seq; always ascending by seq, replies included.",
        params: ConversationParams,
        query: ConversationMessagesQuery,
        answer: List(Message),
        errors: ["not_found", "forbidden", "invalid_cursor"],
        example: page,
      }),
    )
    .post(
      "/conversations/:id/messages",
      async (context) => {
        const { actor, params, body, set } = context;
        const result = await idempotent(
          deps,
          context,
          (claim) => sendMessage(deps, actor, params.id, body, claim),
          async (id) => ({ message: await readMessage(deps.db, actor, id), replayed: true }),
        );
        return sent(set, result);
      },
      operation({
        ...sending,
        summary: "Send a message",
        params: ConversationParams,
        body: NewMessage,
        example: { body: { content: "The plan is ready.", client_id: "phone-17" }, answer: messageExample },
      }),
    )
    .post(
      "/messages",
      async (context) => {
        const { actor, body, set } = context;
        const result = await idempotent(
          deps,
          context,
          (claim) => sendDirect(deps, actor, body, claim),
          async (id) => ({ message: await readMessage(deps.db, actor, id), replayed: true }),
        );
        return sent(set, result);
      },
      operation({
        ...sending,
        summary: "Send a direct message in one call",
        body: NewDirectMessage,
        example: {
          body: { recipient_id: messageExample.sender_id, content: "The plan is ready." },
          answer: messageExample,
        },
      }),
    )
    .get(
      "/messages",
      ({ actor, query }) => listMyMessages(deps, actor, query),
      operation({
        ...common,
        summary: "List one's messages, newest first",
        description: "Of one conversation, with one person, or all; with `unread=true` only what is not read.",
        query: MessagesQuery,
        answer: List(Message),
        errors: ["not_found", "forbidden", "invalid_cursor"],
        example: page,
      }),
    )
    .get(
      "/messages/unread",
      ({ actor }) => countUnread(deps.db, actor),
      operation({
        ...common,
        summary: "Count what is not read",
        answer: Unread,
        example: {
          answer: { total: 3, conversations: [{ id: messageExample.conversation_id, unread: 3, mentions: 0 }] },
        },
      }),
    )
    .get(
      "/messages/:id",
      async ({ actor, params, set }) => tagged(set, await readMessage(deps.db, actor, params.id)),
      operation({
        ...common,
        summary: "Read a message",
        params,
        answer: Message,
        errors: ["not_found", "forbidden"],
        example: { answer: messageExample },
      }),
    )
    .put(
      "/messages/:id/read",
      async ({ actor, params, set }) => tagged(set, await readUpTo(deps, actor, params.id)),
      operation({
        ...common,
        summary: "Have read a message, and all before it",
        params,
        answer: Message,
        errors: ["not_found", "forbidden"],
        example: { answer: messageExample },
      }),
    );
