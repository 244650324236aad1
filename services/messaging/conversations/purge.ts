import { breathe, type Database, select, sql } from "@stoa/db";
import { system } from "@stoa/events";
import { command, type Part } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";
import { conversations } from "./table.ts";

/** How long a group that nobody is in stays in the trash before it goes for good. */
const TRASH_DAYS = 30;
/** Groups looked for at once, and messages deleted in one write: more would keep other writes waiting. */
const GROUPS_AT_ONCE = 50;
const MESSAGES_AT_ONCE = 500;

/**
 * Deletes groups for good that nobody has been in for 30 days, with all that was said there. The messages go in small
 * writes, the group with the last of them. Several instances may do it at once, and one that was killed meanwhile is
 * continued by the next turn. Conversations of projects stay in the trash: their project may come back.
 */
export async function purgeGroups({ db, now }: StoreDeps): Promise<void> {
  const time = now();
  const past = new Date(time.getTime() - TRASH_DAYS * 86_400_000).toISOString();
  const due = sql`type = 'group' and trashed_at <= ${past}`;
  const some = select(
    { id: conversations.id },
    sql`from ${conversations} where ${due} order by trashed_at limit ${GROUPS_AT_ONCE}`,
  );
  for (let found = await db.query(some); found.length > 0; found = await db.query(some)) {
    for (const { id } of found) {
      await clear(db, id);
      const gone: Part = {
        guard: sql`exists (select 1 from conversations where id = ${id} and ${due})`,
        effects: (happened) => [
          sql`delete from participants where conversation_id = ${id} and ${happened}`,
          sql`delete from conversations where id = ${id} and ${happened}`,
        ],
      };
      const event = { type: "conversation.purged", aggregate_id: id, data: { conversation_id: id } } as const;
      await command(db, system, { ...event, time: time.toISOString() }, [gone]);
    }
  }
}

/** Deletes its messages, the last ones first: a message may be the answer to one before it. */
async function clear(db: Database, conversation_id: string): Promise<void> {
  for (let deleted = MESSAGES_AT_ONCE; deleted === MESSAGES_AT_ONCE; ) {
    const [result] = await db.write([
      sql`delete from messages where id in (select id from messages where conversation_id = ${conversation_id}
        order by seq desc limit ${MESSAGES_AT_ONCE})`,
    ]);
    deleted = result.changes;
    await breathe();
  }
}
