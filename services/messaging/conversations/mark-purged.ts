import { type Database, type Sql, select, sql } from "@stoa/db";
import { system } from "@stoa/events";
import { command, type Part } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";
import { conversations } from "./table.ts";

/** How long a group that nobody is in stays in the trash before it goes for good, and a project at the longest. */
const TRASH_DAYS = 30;
/** Conversations looked for at once. */
const AT_ONCE = 50;

/**
 * Marks conversations whose time in the trash has passed: after that nothing brings them back. They are groups that nobody
 * has been in for 30 days, and those of projects that were purged while messaging did not listen to it. What was said there
 * goes afterwards: see `purge.ts`.
 */
export async function markPurged({ db, now }: StoreDeps): Promise<void> {
  const time = now();
  const past = new Date(time.getTime() - TRASH_DAYS * 86_400_000).toISOString();
  const over = sql`trashed_at <= ${past} and purged_at is null`;
  await markThose(db, time, sql`type = 'group' and ${over}`);
  const gone = sql`type = 'project' and ${over}
    and not exists (select 1 from projects p where p.id = conversations.project_id)`;
  if ((await some(db, gone)).length > 0 && (await knowsProjects(db))) await markThose(db, time, gone);
}

/**
 * Whether the projection of the projects is whole. A version that has just learned to keep it knows none of the projects
 * that were there before, until it is rebuilt; and a project that it does not know may still be in the trash.
 */
async function knowsProjects(db: Database): Promise<boolean> {
  const { id } = conversations;
  const unknown = sql`from ${conversations} where type = 'project' and trashed_at is null
    and not exists (select 1 from projects p where p.id = conversations.project_id) limit 1`;
  return (await db.query(select({ id }, unknown))).length === 0;
}

function some(db: Database, due: Sql) {
  const { id } = conversations;
  return db.query(select({ id }, sql`from ${conversations} where ${due} order by trashed_at limit ${AT_ONCE}`));
}

async function markThose(db: Database, moment: Date, due: Sql): Promise<void> {
  const time = moment.toISOString();
  for (let found = await some(db, due); found.length > 0; found = await some(db, due)) {
    for (const { id } of found) {
      const purged: Part = {
        guard: sql`exists (select 1 from conversations where id = ${id} and ${due})`,
        effects: (happened) => [sql`update conversations set purged_at = ${time} where id = ${id} and ${happened}`],
      };
      const event = { type: "conversation.purged", aggregate_id: id, data: { conversation_id: id } } as const;
      await command(db, system, { ...event, time }, [purged]);
    }
  }
}
