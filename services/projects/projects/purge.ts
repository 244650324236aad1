import { breathe, type Database, select, sql, updateRows } from "@stoa/db";
import { system } from "@stoa/events";
import { command, type Part } from "@stoa/journal";
import type { StoreDeps } from "../deps.ts";
import { emptyScope } from "../tasks/scope.ts";
import { trashedLongAgo } from "../trash-days.ts";
import { projects } from "./table.ts";
import { nextVersion } from "./version.ts";

/** Projects looked for at once, and tasks deleted in one write: more would keep other writes waiting. */
const PROJECTS_AT_ONCE = 50;
const TASKS_AT_ONCE = 500;

/**
 * Deletes projects for good that came to the trash 30 days ago, with all that belongs to them. Each goes by one command,
 * after which nobody finds or restores it; its tasks, of which there may be a million, then go in small writes. Several
 * instances may do it at once, and one that was killed meanwhile is continued by the next turn.
 */
export async function purgeProjects({ db, now }: StoreDeps): Promise<void> {
  const past = trashedLongAgo(now());
  const { id, name, organization_id, purged_at } = projects;
  const due = select(
    { id, name, organization_id, purged_at },
    sql`from ${projects} where ${projects.deleted_at} <= ${past} order by ${projects.deleted_at} limit ${PROJECTS_AT_ONCE}`,
  );
  for (let found = await db.query(due); found.length > 0; found = await db.query(due)) {
    for (const project of found) {
      // A restored one is no longer found; one that another instance has purged is cleared all the same.
      if (project.purged_at === null) await purgeProject({ db, now }, project, past);
      await clear(db, project.id);
    }
  }
}

type Found = { readonly id: string; readonly name: string; readonly organization_id: string | null };

/** Either it is restored, and nothing of it is gone, or this comes first, and nothing comes back. */
async function purgeProject({ db, now }: StoreDeps, { id, name, organization_id }: Found, past: string): Promise<void> {
  const time = now().toISOString();
  const purged: Part = {
    guard: sql`exists (select 1 from projects where id = ${id} and deleted_at <= ${past} and purged_at is null)`,
    effects: (happened) => [
      updateRows(
        projects,
        {
          purged_at: time,
          version: sql`version + 1`,
          updated_at: time,
          // Nobody has a right in it any more, and its key is free.
          organization_id: null,
          owner_scope: sql`'purged ' || id`,
        },
        sql`id = ${id} and ${happened}`,
      ),
      sql`delete from members where project_id = ${id} and ${happened}`,
      sql`delete from views where project_id = ${id} and ${happened}`,
      sql`delete from webhooks where scope_id = ${id} and ${happened}`,
    ],
  };
  await command(
    db,
    system,
    {
      type: "project.purged",
      aggregate_id: id,
      entity_id: id,
      organization_id,
      time,
      data: { project_id: id, name, version: nextVersion(id) },
    },
    [purged],
  );
}

/** Deletes what is left of a purged project; of one that was restored nothing. */
async function clear(db: Database, id: string): Promise<void> {
  const purged = sql`exists (select 1 from projects where id = ${id} and purged_at is not null)`;
  for (let deleted = 1; deleted > 0; ) {
    const [result] = await db.write([
      sql`delete from tasks where ${purged} and row in
        (select row from tasks where project_id = ${id} limit ${TASKS_AT_ONCE})`,
    ]);
    deleted = result.changes;
    await breathe();
  }
  await db.write([
    sql`delete from counters where scope_id = ${id} and ${purged} and ${emptyScope}`,
    sql`delete from projects where id = ${id} and purged_at is not null`,
  ]);
}
