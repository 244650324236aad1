import { type Database, type RowOf, select, sql } from "@stoa/db";
import { alias } from "drizzle-orm/sqlite-core";
import { answers, assistants } from "../table.ts";

const q = alias(answers, "q");
const a = alias(assistants, "a");

const columns = {
  question_id: q.question_id,
  assistant_id: q.assistant_id,
  conversation_id: q.conversation_id,
  asker_id: q.asker_id,
  depth: q.depth,
  asked_at: q.asked_at,
  reserved: q.reserved,
  context_tokens: q.context_tokens,
  text: q.text,
  message_id: q.message_id,
  claim: q.claim,
  lease_until: q.lease_until,
  cancelled_at: q.cancelled_at,
  name: a.name,
  model: a.model,
  base_url: a.base_url,
  instructions: a.instructions,
  removed_at: a.removed_at,
};

/** An answer that has not ended, with the assistant that gives it. */
export type OpenAnswer = RowOf<typeof columns>;

const from = sql`from ${q} join ${a} on ${a.id} = ${q.assistant_id}`;

/** Answers that wait to be begun, oldest first. */
export function waitingAnswers(db: Database, limit: number): Promise<OpenAnswer[]> {
  return db.query(
    select(
      columns,
      sql`${from} where ${q.ended_at} is null and ${q.message_id} is null order by ${q.asked_at} limit ${limit}`,
    ),
  );
}

/** Answers whose process has not been heard of: their lease has ended. */
export function abandonedAnswers(db: Database, now: Date): Promise<OpenAnswer[]> {
  return db.query(
    select(
      columns,
      sql`${from} where ${q.ended_at} is null and ${q.lease_until} < ${now.toISOString()} order by ${q.asked_at} limit 100`,
    ),
  );
}

/** The answer that a message is, ended or not; undefined for any other message. */
export async function answerOf(db: Database, message_id: string) {
  const [found] = await db.query(
    select({ ...columns, ended_at: q.ended_at }, sql`${from} where ${q.message_id} = ${message_id}`),
  );
  return found;
}
