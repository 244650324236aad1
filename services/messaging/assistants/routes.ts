import { controller, created, idempotent, List, operation, tagged } from "@stoa/http";
import { ConversationParams } from "../conversations/schema.ts";
import type { MessagingDeps } from "../deps.ts";
import { assistantExample as example, messageExample } from "../examples.ts";
import { Message, MessageParams } from "../messages/schema.ts";
import { addAssistant } from "./add.ts";
import { cancelAnswer } from "./answers/cancel.ts";
import { listAssistants } from "./list.ts";
import { readAssistant } from "./read.ts";
import { removeAssistant } from "./remove.ts";
import { Assistant, AssistantParams, AssistantsQuery, NewAssistant } from "./schema.ts";

const common = { access: "user", tags: ["assistants"] } as const;
const { name, model, instructions, trigger } = example;

/** Assistants of conversations. */
export const assistantRoutes = (deps: MessagingDeps) =>
  controller(deps.http, "/api/v1/conversations/:id/assistants")
    .get(
      "",
      ({ actor, params, query }) => listAssistants(deps, actor, params.id, query),
      operation({
        id: "conversations.assistants.list",
        ...common,
        summary: "List a conversation's assistants",
        description: "For participants, newest first.",
        params: ConversationParams,
        query: AssistantsQuery,
        answer: List(Assistant),
        errors: ["not_found", "forbidden", "invalid_cursor"],
        example: { answer: { items: [example], next_cursor: null } },
      }),
    )
    .post(
      "",
      async ({ asked, actor, params, body, set }) => {
        const assistant = await idempotent(
          deps,
          asked,
          (claim) => addAssistant(deps, deps.assistants, actor, params.id, body, claim),
          (id) => readAssistant(deps.db, actor, params.id, id),
        );
        return created(set, assistant, `/api/v1/conversations/${params.id}/assistants/${assistant.id}`);
      },
      operation({
        id: "conversations.assistants.add",
        ...common,
        summary: "Add an AI assistant to a conversation",
        description:
          "For participants. It answers messages that mention it, or every message. What is said in the conversation goes to the server of its model, as far as whoever asks may read it.",
        params: ConversationParams,
        body: NewAssistant,
        status: 201,
        answer: Assistant,
        errors: [
          "not_found",
          "forbidden",
          "not_implemented",
          "not_configured",
          "name_taken",
          "too_many_assistants",
          "idempotency_key_reused",
        ],
        example: { body: { name, model, instructions, trigger }, answer: example },
      }),
    )
    .delete(
      "/:assistant_id",
      ({ actor, params }) => removeAssistant(deps, actor, params.id, params.assistant_id),
      operation({
        id: "conversations.assistants.remove",
        ...common,
        summary: "Remove an assistant",
        description: "For participants. What it is writing is cancelled; what it has written stays.",
        params: AssistantParams,
        answer: null,
        errors: ["not_found", "forbidden"],
      }),
    );

/** Answers of assistants. */
export const answerRoutes = (deps: MessagingDeps) =>
  controller(deps.http, "/api/v1/messages/:id/cancel").post(
    "",
    async ({ actor, params, set }) => {
      set.status = 200;
      return tagged(set, await cancelAnswer(deps, deps.assistants, actor, params.id));
    },
    operation({
      id: "messages.cancel",
      ...common,
      summary: "Cancel an assistant's answer",
      description:
        "For whoever asked, and the group's owner. What it has said stays. An answer that has ended stays as it is.",
      params: MessageParams,
      answer: Message,
      errors: ["not_found", "forbidden", "not_an_answer"],
      example: { answer: { ...messageExample, sender_id: example.id, status: "cancelled", client_id: null } },
    }),
  );
