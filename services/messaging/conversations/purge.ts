import { breathe, type Database, type Sql, select, sql } from "@stoa/db";
import type { StoreDeps } from "../deps.ts";
import { markPurged } from "./mark-purged.ts";
import { conversations } from "./table.ts";

/** Conversations looked for at once, and messages deleted in one write: more would keep other writes waiting. */
const CONVERSATIONS_AT_ONCE = 50;
const MESSAGES_AT_ONCE = 500;

/**
 * The condition of a message `m` of a purged conversation that stays: talk about a task that has moved elsewhere, where
 * whoever sees the task goes on reading it. Once the task is gone it goes too.
 */
const stays = (project_id: Sql): Sql =>
  sql`(m.task_id is not null and exists (select 1 from tasks t where t.id = m.task_id and t.project_id is not ${project_id}))`;

/**
 * Deletes conversations for good, with all that was said there: groups that nobody has been in for 30 days, and those of
 * purged projects. After one command, or the reaction to `project.purged`, nothing brings it back; the messages then go in
 * small writes, the conversation with the last of them. Several instances may do it at once, and one that was killed
 * meanwhile is continued by the next turn. Conversations of projects in the trash stay: their project may come back.
 */
export async function purgeConversations({ db, now }: StoreDeps): Promise<void> {
  await markPurged({ db, now });
  const { id } = conversations;
  // One that holds nothing but talk that stays is left alone.
  const due = select(
    { id },
    sql`from ${conversations} where purged_at is not null and (
      not exists (select 1 from messages m where m.conversation_id = conversations.id)
      or exists (select 1 from messages m where m.conversation_id = conversations.id and not ${stays(sql`conversations.project_id`)}))
      limit ${CONVERSATIONS_AT_ONCE}`,
  );
  for (let found = await db.query(due); found.length > 0; found = await db.query(due)) {
    for (const one of found) await clear(db, one.id);
  }
}

/** Deletes what goes of a purged conversation, the last messages first: a message may be the answer to one before it. */
async function clear(db: Database, conversation_id: string): Promise<void> {
  const project_id = sql`(select project_id from conversations where id = ${conversation_id})`;
  const goes = (condition: Sql) =>
    sql`select m.id from messages m where m.conversation_id = ${conversation_id} and ${condition}`;
  await db.write([
    sql`update messages set parent_id = null where id in (${goes(sql`${stays(project_id)} and m.parent_id is not null`)})
      and parent_id in (${goes(sql`not ${stays(project_id)}`)})`,
  ]);
  for (let deleted = MESSAGES_AT_ONCE; deleted === MESSAGES_AT_ONCE; ) {
    const [result] = await db.write([
      sql`delete from messages where id in (${goes(sql`not ${stays(project_id)}`)} order by m.seq desc limit ${MESSAGES_AT_ONCE})`,
    ]);
    deleted = result.changes;
    await breathe();
  }
  const empty = sql`not exists (select 1 from messages where conversation_id = ${conversation_id})`;
  await db.write([
    sql`delete from answers where conversation_id = ${conversation_id} and ${empty}`,
    sql`delete from assistants where conversation_id = ${conversation_id} and ${empty}`,
    sql`delete from participants where conversation_id = ${conversation_id} and ${empty}`,
    sql`delete from conversations where id = ${conversation_id} and ${empty}`,
  ]);
}
