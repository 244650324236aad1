import { type Static, Type } from "@sinclair/typebox";
import { Id, listQuery, Nullable, OneOf, QueryBoolean, Text, Time } from "@stoa/http";

const fields = {
  name: Text({ max: 255, description: "What it is called in the conversation, and mentioned by: `@name`." }),
  model: Text({ max: 255, description: "The model that answers, as its server calls it." }),
  instructions: Nullable(Text({ max: 20_000, lines: true, description: "What it is told before it answers." })),
  trigger: OneOf(["mention", "always"], {
    description: "What it answers: messages that mention it, or every message of a user.",
  }),
};
const base_url = "Where its server is; `/chat/completions` is appended. Only servers that the operator allows.";

/** An assistant of a conversation. */
export const Assistant = Type.Object(
  {
    id: Id({ description: "Its messages have it as `sender_id`." }),
    conversation_id: Id({ description: "The conversation that it takes part in." }),
    ...fields,
    base_url: Nullable(Type.String({ description: `${base_url} Null: the first of them.` })),
    creator_id: Id({ description: "The user who added it." }),
    created_at: Time(),
    removed_at: Nullable(Time({ description: "Since when it takes part no more." })),
  },
  { title: "Assistant" },
);
/** An assistant of a conversation. */
export type Assistant = Static<typeof Assistant>;

/** Body of POST /conversations/{id}/assistants. */
export const NewAssistant = Type.Object(
  {
    ...fields,
    instructions: Type.Optional(fields.instructions),
    base_url: Type.Optional(Nullable(Text({ max: 2_048, description: `${base_url} Null: the first of them.` }))),
  },
  { title: "NewAssistant" },
);
/** The body of POST /conversations/{id}/assistants. */
export type NewAssistant = Static<typeof NewAssistant>;

/** Query of GET /conversations/{id}/assistants. */
export const AssistantsQuery = listQuery({
  removed: QueryBoolean({ description: "Those that were removed, whose messages are still there, as well." }),
});
/** The query of GET /conversations/{id}/assistants. */
export type AssistantsQuery = Static<typeof AssistantsQuery>;

/** Path of one assistant. */
export const AssistantParams = Type.Object({
  id: Id({ description: "A conversation." }),
  assistant_id: Id({ description: "An assistant of it." }),
});
