import { among, breathe, type RowOf, select, sql } from "@stoa/db";
import { type Cause, system } from "@stoa/events";
import { command, type Part } from "@stoa/journal";
import { getTableColumns } from "drizzle-orm";
import type { StoreDeps } from "../deps.ts";
import { emptyMessages } from "../edits/empty.ts";
import { messages } from "../messages/table.ts";
import { saidBy, withdraw } from "../notifications/withdraw.ts";
import { messageErasures } from "./table.ts";
import { conversationWindows } from "./windows.ts";

/** Messages emptied in one write: more would keep other writes waiting. */
const MESSAGES_AT_ONCE = 200;
/** Messages found in one read, which is off the event loop: those found before are passed over in the next. */
const FOUND_AT_ONCE = 20_000;

const columns = getTableColumns(messageErasures);
type Erasure = RowOf<typeof columns>;
const wanted = select(columns, sql`from ${messageErasures} order by requested_at`);

/**
 * Empties the messages of users who wanted it, in every conversation that they ever wrote in. How far it is stands in the
 * database, so that it may be stopped or killed at any time. Several instances may do it at once.
 *
 * @param stops says between two writes whether to stop
 */
export async function eraseMessages(deps: StoreDeps, stops: () => boolean): Promise<void> {
  for (const erasure of await deps.db.query(wanted)) {
    await eraseThose(deps, erasure, stops);
  }
}

async function eraseThose({ db, now }: StoreDeps, erasure: Erasure, stops: () => boolean): Promise<void> {
  const { user_id, requested_at, done_to } = erasure;
  // When it was asked for anew meanwhile, this turn changes nothing of where that begins.
  const same = sql`user_id = ${user_id} and requested_at = ${requested_at}`;
  const wrote = sql`exists (select 1 from messages where conversation_id = w.id and sender_id = ${user_id})`;
  for await (const { ids, upTo } of conversationWindows(db, done_to, wrote)) {
    for (const id of ids) await eraseIn({ db, now }, erasure, id, stops);
    if (stops()) return;
    await db.write([sql`update message_erasures set done_to = ${upTo} where ${same}`]);
  }
  const completed: Part = {
    guard: sql`exists (select 1 from message_erasures where ${same})`,
    effects: (happened) => [sql`delete from message_erasures where ${same} and ${happened}`],
  };
  const event = { type: "erasure.completed", aggregate_id: user_id, data: { user_id } } as const;
  await command(db, causeOf(erasure), { ...event, time: now().toISOString() }, [completed]);
}

async function eraseIn(
  { db, now }: StoreDeps,
  erasure: Erasure,
  conversation_id: string,
  stops: () => boolean,
): Promise<void> {
  const { user_id, requested_at } = erasure;
  const { id, seq } = messages;
  const left = select(
    { id, seq },
    sql`from ${messages} where conversation_id = ${conversation_id} and sender_id = ${user_id} and deleted_at is null
      and created_at <= ${requested_at} limit ${FOUND_AT_ONCE}`,
  );
  for (let found = await db.scan(left); found.length > 0; found = await db.scan(left)) {
    for (let start = 0; start < found.length; start += MESSAGES_AT_ONCE) {
      if (stops()) return;
      const some = found.slice(start, start + MESSAGES_AT_ONCE);
      const ids = among(some.map((message) => message.id));
      const which = sql`id in ${ids}`;
      const time = now().toISOString();
      const erased: Part = {
        guard: sql`exists (select 1 from messages where ${which} and deleted_at is null)`,
        effects: (happened) => [
          ...withdraw(causeOf(erasure), time, saidBy(ids), happened),
          ...emptyMessages(which, time, happened),
        ],
      };
      const seqs = some.map((message) => message.seq).toSorted((a, b) => a - b);
      const data = { conversation_id, user_id, seqs };
      const event = { type: "message.erased", aggregate_id: conversation_id, time, data } as const;
      await command(db, causeOf(erasure), event, [erased]);
      await breathe();
    }
  }
}

function causeOf({ user_id }: Erasure): Cause {
  return { ...system, actor_id: user_id };
}
