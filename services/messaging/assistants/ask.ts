import { type Sql, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import type { Part } from "@stoa/journal";
import { mentionedNames } from "./mentioned.ts";
import type { AssistantSettings } from "./settings.ts";
import { LONGEST_ANSWER_TOKENS, MOST_CONTEXT_TOKENS } from "./tokens.ts";

/** A message that may ask assistants. */
export interface Question {
  readonly message_id: string;
  readonly conversation_id: string;
  readonly content: string;
  /** The user whose rights and budget count: who wrote it, or who asked the assistant that did. */
  readonly asker_id: string;
  readonly time: string;
}

/**
 * The part of sending a message that asks the assistants which it mentions, and those that always answer. It reads
 * nothing beforehand: names are compared in the batch.
 *
 * A mention is refused when the user has spent the budget of the day. An assistant that always answers is then silent,
 * so that people can go on to talk; where nobody else takes part the message would be for it alone, and is refused too.
 */
export function asks(settings: AssistantSettings | undefined, question: Question): Part {
  if (!settings) return {};
  const { conversation_id, asker_id, time } = question;
  const day = dayOf(time);
  const { named, present } = assistantsOf(question);
  const alone = sql`not exists (select 1 from participants
    where conversation_id = ${conversation_id} and left_at is null and user_id <> ${asker_id})`;
  const left = budgetLeft(settings, asker_id, day);
  return {
    guard: sql`${left} or not exists (select 1 ${present} and (${named} or ("trigger" = 'always' and ${alone})))`,
    why: () => budgetSpent(time),
    effects: (happened) =>
      asking(settings, question, { depth: 0, among: sql`("trigger" = 'always' or ${named})` }, happened),
  };
}

/**
 * What an assistant's answer asks of the others that it mentions. Nobody answers those: two assistants never answer each
 * other more than once.
 */
export function asksOthers(
  settings: AssistantSettings,
  question: Question,
  assistant_id: string,
  happened: Sql,
): readonly Sql[] {
  const { named } = assistantsOf(question);
  return asking(settings, question, { depth: 1, among: sql`(${named} and id <> ${assistant_id})` }, happened);
}

function asking(
  settings: AssistantSettings,
  { message_id, conversation_id, content, asker_id, time }: Question,
  { depth, among }: { readonly depth: number; readonly among: Sql },
  happened: Sql,
): readonly Sql[] {
  const { present } = assistantsOf({ conversation_id, content });
  const day = dayOf(time);
  const reserved = Math.min(settings.daily_tokens, MOST_CONTEXT_TOKENS + LONGEST_ANSWER_TOKENS);
  return [
    sql`insert into answers (question_id, assistant_id, conversation_id, asker_id, depth, asked_at, reserved)
      select ${message_id}, id, ${conversation_id}, ${asker_id}, ${depth}, ${time}, ${reserved}
      ${present} and ${among} and ${budgetLeft(settings, asker_id, day)} and ${happened}`,
    sql`insert into assistant_spending (user_id, day, tokens)
      select ${asker_id}, ${day}, sum(reserved) from answers where question_id = ${message_id} and ${happened}
      group by question_id
      on conflict (user_id, day) do update set tokens = tokens + excluded.tokens`,
  ];
}

function assistantsOf({ conversation_id, content }: Pick<Question, "conversation_id" | "content">) {
  return {
    present: sql`from assistants where conversation_id = ${conversation_id} and removed_at is null`,
    named: sql`name_key in (select value from json_each(${JSON.stringify(mentionedNames(content))}))`,
  };
}

function budgetLeft({ daily_tokens }: AssistantSettings, user_id: string, day: string): Sql {
  return sql`coalesce((select tokens from assistant_spending where user_id = ${user_id} and day = ${day}), 0)
    < ${daily_tokens}`;
}

/** The day of a time, in UTC. */
export function dayOf(time: string): string {
  return time.slice(0, 10);
}

function budgetSpent(time: string): StoaError {
  const seconds = Math.ceil((Date.parse(`${dayOf(time)}T24:00:00Z`) - Date.parse(time)) / 1_000);
  return new StoaError("budget_spent", { headers: { "retry-after": String(Math.max(1, seconds)) } });
}
