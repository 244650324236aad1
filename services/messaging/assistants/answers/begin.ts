import { computed, newId, raw, select, sql } from "@stoa/db";
import { system } from "@stoa/events";
import { command, type Part, type StoreDeps } from "@stoa/journal";
import { addMessage, nextSeq } from "../../messages/add.ts";
import type { OpenAnswer } from "./open.ts";

/** How long a process that writes an answer may be silent before it counts as dead; milliseconds. */
export const LEASE_MS = 15_000;

/** An answer that this process writes. */
export interface Begun extends OpenAnswer {
  readonly message_id: string;
  readonly claim: string;
}

/** When a lease that begins now ends. */
export function leaseFrom(now: Date): string {
  return new Date(now.getTime() + LEASE_MS).toISOString();
}

/**
 * Begins an answer: its message is sent, still empty, and this process holds it. Of several processes one begins it.
 *
 * @returns undefined when another process was faster, and when nobody waits for it any more: the user has left, the
 *   message that asks was deleted, or the assistant removed
 */
export async function beginAnswer({ db, now }: StoreDeps, asked: OpenAnswer): Promise<Begun | undefined> {
  const { question_id, assistant_id, conversation_id, asker_id } = asked;
  const message_id = newId();
  const claim = newId();
  const time = now().toISOString();
  const own = sql`question_id = ${question_id} and assistant_id = ${assistant_id}`;
  const begun: Part = {
    guard: sql`exists (select 1 from answers where ${own} and message_id is null and ended_at is null
        and cancelled_at is null)
      and exists (select 1 from messages where id = ${question_id} and deleted_at is null)
      and exists (select 1 from conversations c join participants p on p.conversation_id = c.id
        where c.id = ${conversation_id} and c.trashed_at is null and p.user_id = ${asker_id} and p.left_at is null)`,
    effects: (happened, event_id) => [
      ...addMessage(
        {
          id: message_id,
          conversation_id,
          type: "user",
          status: "streaming",
          sender_id: assistant_id,
          content: "",
          parent_id: question_id,
          time,
        },
        happened,
      ),
      // What is asked about a task is answered about it.
      sql`update messages set task_id = (select task_id from messages where id = ${question_id})
        where id = ${message_id} and ${happened}`,
      sql`update answers set message_id = ${message_id}, claim = ${claim}, lease_until = ${leaseFrom(now())},
        sent_seq = (select seq from journal where event_id = ${event_id}) where ${own} and ${happened}`,
    ],
  };
  const rows = await command(
    db,
    { ...system, actor_id: asker_id },
    {
      type: "message.sent",
      aggregate_id: conversation_id,
      entity_id: message_id,
      time,
      data: {
        conversation_id,
        message_id,
        seq: nextSeq(conversation_id),
        kind: "user",
        sender_id: assistant_id,
        status: "streaming",
      },
    },
    [begun],
    select({ applied: computed<number>(raw("1")) }, raw("")),
  );
  return rows && { ...asked, message_id, claim };
}

/** Drops a question that is not answered: nobody waits for it, or no process has begun it for long. */
export async function dropQuestion({ db, now }: StoreDeps, asked: OpenAnswer): Promise<void> {
  const { question_id, assistant_id, asker_id, asked_at, reserved } = asked;
  const open = sql`question_id = ${question_id} and assistant_id = ${assistant_id} and message_id is null
    and ended_at is null`;
  await db.write([
    sql`update assistant_spending set tokens = tokens - ${reserved}
      where user_id = ${asker_id} and day = ${asked_at.slice(0, 10)} and exists (select 1 from answers where ${open})`,
    sql`update answers set ended_at = ${now().toISOString()} where ${open}`,
  ]);
}
