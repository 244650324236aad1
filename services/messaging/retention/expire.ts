import { among, breathe, select, sql } from "@stoa/db";
import { system } from "@stoa/events";
import { command, type Part } from "@stoa/journal";
import type { Conversation } from "../conversations/schema.ts";
import { conversations } from "../conversations/table.ts";
import type { StoreDeps } from "../deps.ts";
import { emptyMessages } from "../edits/empty.ts";
import { messages } from "../messages/table.ts";
import { saidBy, withdraw } from "../notifications/withdraw.ts";
import { conversationWindows } from "./windows.ts";

/** After how many days messages are emptied, by the type of their conversation; those of other types are kept. */
export type RetentionDays = { readonly [T in Conversation["type"]]?: number | undefined };

/** Messages emptied in one write: more would keep other writes waiting. */
const MESSAGES_AT_ONCE = 200;

/**
 * Empties messages that are older than messages of their type of conversation are kept: each keeps its place, as a deleted
 * one does, pinned ones too. It goes on where it was in each conversation, so no message is looked at twice, and may be
 * stopped or killed at any time. Several instances may do it at once: each step is guarded by how far it was.
 *
 * @param stops says between two writes whether to stop
 */
export async function expireMessages({ db, now }: StoreDeps, days: RetentionDays, stops: () => boolean): Promise<void> {
  for (const [type, kept] of Object.entries(days)) {
    if (kept === undefined) continue;
    const past = new Date(now().getTime() - kept * 86_400_000).toISOString();
    const due = sql`w.type = ${type} and w.expired_seq < w.last_seq and (select created_at from messages
      where conversation_id = w.id and seq = w.expired_seq + 1) <= ${past}`;
    for await (const { ids } of conversationWindows(db, "", due)) {
      for (const id of ids) while (!stops() && (await expireSome({ db, now }, id, past))) await breathe();
      if (stops()) return;
    }
  }
}

/** The next messages of a conversation, up to the first that is kept. @returns whether there may be more */
async function expireSome({ db, now }: StoreDeps, conversation_id: string, past: string): Promise<boolean> {
  const { expired_seq } = conversations;
  const { id, seq, created_at, deleted_at } = messages;
  const [[state], next] = await db.queryAll([
    select({ expired_seq }, sql`from ${conversations} where id = ${conversation_id}`),
    select(
      { id, seq, created_at, deleted_at },
      sql`from ${messages} where conversation_id = ${conversation_id} and seq >
        (select expired_seq from conversations where id = ${conversation_id}) order by seq limit ${MESSAGES_AT_ONCE}`,
    ),
  ]);
  const firstKept = next.findIndex((message) => message.created_at > past);
  const expired = firstKept === -1 ? next : next.slice(0, firstKept);
  const [first, last] = [expired[0], expired.at(-1)];
  if (!state || !first || !last) return false;
  const whole = expired.flatMap((message) => (message.deleted_at === null ? [message.id] : []));
  const time = now().toISOString();
  const from = sql`id = ${conversation_id} and expired_seq = ${state.expired_seq}`;
  if (whole.length === 0) {
    await db.write([sql`update conversations set expired_seq = ${last.seq} where ${from}`]);
    return true;
  }
  const done: Part = {
    guard: sql`exists (select 1 from conversations where ${from})`,
    effects: (happened) => [
      ...withdraw(system, time, saidBy(among(whole)), happened),
      ...emptyMessages(sql`id in ${among(whole)}`, time, happened),
      sql`update conversations set expired_seq = ${last.seq} where ${from} and ${happened}`,
    ],
  };
  const data = { conversation_id, from_seq: first.seq, to_seq: last.seq };
  await command(db, system, { type: "message.expired", aggregate_id: conversation_id, time, data }, [done]);
  return true;
}
