import { type AnswerSettings, controller, created, idempotent, List, operation, tagged } from "@stoa/http";
import { ConversationParams } from "../conversations/schema.ts";
import type { MessagingDeps } from "../deps.ts";
import { followExample, messageExample } from "../examples.ts";
import { countAbout } from "./count-about.ts";
import { listMessages } from "./list.ts";
import { listMyMessages } from "./list-mine.ts";
import { readUpTo } from "./mark-read.ts";
import { readMessage } from "./read.ts";
import {
  ConversationMessagesQuery,
  CountsQuery,
  FoundMessage,
  Message,
  MessageCounts,
  MessageParams,
  MessageSearchQuery,
  MessagesPage,
  MessagesQuery,
  NewDirectMessage,
  NewMessage,
  Unread,
} from "./schema.ts";
import { searchMessages } from "./search.ts";
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
  errors: ["not_found", "forbidden", "blocked", "idempotency_key_reused", "budget_spent"],
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
        id: "conversations.messages.list",
        ...common,
        summary: "Read a conversation's messages",
        description:
          "For participants. The latest page, or the one next to the given `seq`; always ascending by `seq`, replies included. `next_cursor` goes on to older messages (with `after_seq`: newer), `prev_cursor` the other way.",
        params: ConversationParams,
        query: ConversationMessagesQuery,
        answer: MessagesPage,
        errors: ["not_found", "forbidden", "invalid_cursor"],
        example: { answer: { ...page.answer, prev_cursor: null } },
      }),
    )
    .post(
      "/conversations/:id/messages",
      async ({ asked, actor, params, body, set }) => {
        const result = await idempotent(
          deps,
          asked,
          (claim) => sendMessage(deps, actor, params.id, body, claim, deps.assistants?.settings),
          async (id) => ({ message: await readMessage(deps.db, actor, id), replayed: true }),
        );
        return sent(set, result);
      },
      operation({
        id: "conversations.messages.send",
        ...sending,
        summary: "Send a message",
        description:
          "To a conversation that you take part in. Your own read mark moves to the message. With a `client_id` the same message can be sent again: it is answered, not doubled.",
        params: ConversationParams,
        body: NewMessage,
        example: { body: { content: "The plan is ready.", client_id: "phone-17" }, answer: messageExample },
      }),
    )
    .post(
      "/messages",
      async ({ asked, actor, body, set }) => {
        const result = await idempotent(
          deps,
          asked,
          (claim) => sendDirect(deps, actor, body, claim, deps.assistants?.settings),
          async (id) => ({ message: await readMessage(deps.db, actor, id), replayed: true }),
        );
        return sent(set, result);
      },
      operation({
        id: "messages.send",
        ...sending,
        summary: "Send a direct message in one call",
        description:
          "Opens the direct conversation with the recipient where there is none yet. With a `client_id` the same message can be sent again: it is answered, not doubled.",
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
        id: "messages.list",
        ...common,
        summary: "List one's messages, newest first",
        description: "Of all your conversations, of one of them, with one person, or about one task.",
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
        id: "messages.unread.get",
        ...common,
        summary: "Count what is not read",
        description:
          "In all, and for each conversation that has something unread. Your own, system and deleted messages do not count.",
        answer: Unread,
        example: {
          answer: { total: 3, conversations: [{ id: messageExample.conversation_id, unread: 3, mentions: 0 }] },
        },
      }),
    )
    .get(
      "/messages/search",
      ({ actor, query }) => searchMessages(deps, actor, query),
      operation({
        id: "messages.search.list",
        ...common,
        summary: "Search messages, newest first",
        description:
          "Those that you may read now. A page may be short or empty and still have a `next_cursor`: go on until there is none.",
        query: MessageSearchQuery,
        answer: List(FoundMessage),
        errors: ["not_found", "forbidden", "invalid_cursor"],
        example: {
          answer: { items: [{ ...messageExample, matches: [{ offset: 4, length: 4 }] }], next_cursor: null },
        },
      }),
    )
    .get(
      "/messages/counts",
      ({ actor, query }) => countAbout(deps.db, actor, query.task_ids),
      operation({
        id: "messages.counts.get",
        ...common,
        summary: "Count what is said about tasks",
        description: "For a board. Tasks that you do not see are left out.",
        query: CountsQuery,
        answer: MessageCounts,
        example: { answer: { items: [{ task_id: followExample.task_id, count: 3 }] } },
      }),
    )
    .get(
      "/messages/:id",
      async ({ actor, params, set }) => tagged(set, await readMessage(deps.db, actor, params.id)),
      operation({
        id: "messages.get",
        ...common,
        summary: "Read a message",
        description: "For participants of the message's conversation.",
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
        id: "messages.markRead",
        ...common,
        summary: "Mark a message and all before it as read",
        description: "Moves your read mark in the message's conversation up to it. A mark never moves back.",
        params,
        answer: Message,
        errors: ["not_found", "forbidden"],
        example: { answer: messageExample },
      }),
    );
