import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { conversations } from "../conversations/table.ts";
import type { Assistant } from "./schema.ts";

/** Assistants of conversations. One that was removed keeps its row, because its messages name it. */
export const assistants = sqliteTable(
  "assistants",
  {
    id: text().primaryKey(),
    conversation_id: text()
      .notNull()
      .references(() => conversations.id),
    name: text().notNull(),
    /** What its name is compared by: see `keyOfName`. */
    name_key: text().notNull(),
    model: text().notNull(),
    /** Null: the first of the servers that the operator names. */
    base_url: text(),
    instructions: text(),
    trigger: text().$type<Assistant["trigger"]>().notNull(),
    /** The user who added it. */
    creator_id: text().notNull(),
    created_at: text().notNull(),
    removed_at: text(),
  },
  (t) => [
    uniqueIndex("assistants_name").on(t.conversation_id, t.name_key).where(sql`removed_at is null`),
    index("assistants_conversation").on(t.conversation_id, t.id),
  ],
);

/**
 * What assistants were asked, and how far they are with the answer. A row waits until a process begins the answer, which
 * makes the message; it holds the text until the answer ends, when the message gets it.
 */
export const answers = sqliteTable(
  "answers",
  {
    /** The message that asks. */
    question_id: text().notNull(),
    assistant_id: text()
      .notNull()
      .references(() => assistants.id),
    conversation_id: text().notNull(),
    /** The user whose rights and whose budget count. */
    asker_id: text().notNull(),
    /** How many assistants stand between the user's message and this answer: none, or one. */
    depth: integer().notNull(),
    asked_at: text().notNull(),
    /** Tokens that the user's budget is charged with until it is known how many there were. */
    reserved: integer().notNull(),
    /** About how many tokens the model was told; 0 until it was. */
    context_tokens: integer().notNull().default(0),
    /** The answer's message; null until a process begins it. */
    message_id: text(),
    /** The `seq` of the journal at which the message was sent. */
    sent_seq: integer(),
    /** The text so far; empty once the answer has ended. */
    text: text().notNull().default(""),
    /** Of the process that writes the answer: the name of its try, which no other has. */
    claim: text(),
    /** Until when that process is believed to live; null while it waits, and when it has ended. */
    lease_until: text(),
    /** When someone asked for it to stop. */
    cancelled_at: text(),
    ended_at: text(),
  },
  (t) => [
    primaryKey({ columns: [t.question_id, t.assistant_id] }),
    uniqueIndex("answers_message").on(t.message_id),
    index("answers_open").on(t.asked_at).where(sql`ended_at is null`),
    index("answers_ended").on(t.ended_at).where(sql`ended_at is not null`),
    index("answers_assistant").on(t.assistant_id).where(sql`ended_at is null`),
  ],
);

/** The tokens that a user's questions have cost on a day (UTC), with those reserved for answers under way. */
export const spending = sqliteTable(
  "assistant_spending",
  {
    user_id: text().notNull(),
    day: text().notNull(),
    tokens: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.user_id, t.day] }), index("assistant_spending_day").on(t.day)],
);
