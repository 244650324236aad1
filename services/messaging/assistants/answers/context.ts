import { type Database, nullable, select, sql } from "@stoa/db";
import { alias } from "drizzle-orm/sqlite-core";
import { directory } from "../../directory/table.ts";
import { messages } from "../../messages/table.ts";
import { MESSAGE_TOKENS, tokensOf } from "../tokens.ts";
import type { OpenAnswer } from "./open.ts";

/** What a model is told: a message in the form of `/chat/completions`. */
export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** What a model is told, and about how many tokens that is. */
export interface Context {
  readonly messages: readonly ChatMessage[];
  readonly tokens: number;
}

/** Messages that are looked at, whatever they cost. */
const MOST_MESSAGES = 100;

const m = alias(messages, "m");
const d = alias(directory, "d");

/**
 * What a model is told: its instructions, and the last messages up to the one that asks, as many as fit. They are those
 * that the user who asks may read now: of this conversation, and only while they take part in it.
 *
 * @param most tokens; the message that asks is cut when it alone has more
 * @returns undefined when the user takes part no more, or the message that asks was deleted
 */
export async function contextOf(
  db: Database,
  { question_id, conversation_id, asker_id, assistant_id, name, instructions }: OpenAnswer,
  most: number,
): Promise<Context | undefined> {
  const rows = await db.query(
    select(
      { id: m.id, sender_id: m.sender_id, content: m.content, username: nullable(d.username) },
      sql`from ${m} left join ${d} on ${d.user_id} = ${m.sender_id}
        where ${m.conversation_id} = ${conversation_id}
          and ${m.seq} <= (select seq from messages where id = ${question_id})
          and ((select task_id from messages where id = ${question_id}) is null
            or ${m.task_id} = (select task_id from messages where id = ${question_id}))
          and ${m.type} = 'user' and ${m.deleted_at} is null and ${m.status} <> 'streaming' and ${m.content} <> ''
          and exists (select 1 from participants p join conversations c on c.id = p.conversation_id
            where c.id = ${conversation_id} and c.trashed_at is null and p.user_id = ${asker_id} and p.left_at is null)
        order by ${m.seq} desc limit ${MOST_MESSAGES}`,
    ),
  );
  if (rows[0]?.id !== question_id) return undefined;
  const told: ChatMessage[] = [];
  const system = cut(systemPrompt(name, instructions), Math.floor(most / 2));
  let tokens = tokensOf(system) + MESSAGE_TOKENS;
  for (const { sender_id, content, username } of rows) {
    const room = most - tokens - MESSAGE_TOKENS;
    const own = sender_id === assistant_id;
    const said = own ? (content ?? "") : `${username ?? "someone"}: ${content}`;
    const cost = tokensOf(said);
    if (cost > room && told.length > 0) break;
    const text = cost > room ? cut(said, Math.max(room, 1)) : said;
    told.unshift({ role: own ? "assistant" : "user", content: text });
    tokens += Math.min(cost, tokensOf(text)) + MESSAGE_TOKENS;
  }
  return { messages: [{ role: "system", content: system }, ...told], tokens };
}

function systemPrompt(name: string, instructions: string | null): string {
  const place = `You are ${name}, an assistant in a conversation. Each message of a person begins with their name.`;
  return instructions === null ? place : `${place}\n\n${instructions}`;
}

/** The beginning of a text that has about so many tokens at most. */
function cut(text: string, most: number): string {
  if (tokensOf(text) <= most) return text;
  let tokens = 0;
  let length = 0;
  for (const character of text) {
    tokens += character < "\u0080" ? 0.25 : 1;
    if (tokens > most) break;
    length += character.length;
  }
  return text.slice(0, length);
}
