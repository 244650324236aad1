import { breathe, raw, select, sql } from "@stoa/db";
import { system } from "@stoa/events";
import type { StoreDeps } from "../deps.ts";
import { trashedLongAgo } from "../trash-days.ts";
import { appendEachTask } from "./append-each.ts";
import { tasks } from "./table.ts";

/** Tasks looked for at once: what went to the trash together goes in one write, so one write may take some more. */
const TASKS_AT_ONCE = 200;

/**
 * Deletes tasks for good that came to the trash 30 days ago, with an event for each. Those that came there together, a
 * task with its subtasks, go together, so that a restore finds all of them or none. Tasks that went with their project
 * go with it.
 */
export async function purgeTasks({ db, now }: StoreDeps): Promise<void> {
  const past = trashedLongAgo(now());
  const due = sql`t.deleted_at <= ${past} and not exists (select 1 from projects p
    where p.id = t.project_id and (p.deletion_id = t.deletion_id or p.purged_at is not null))`;
  const some = select(
    { deletion_id: tasks.deletion_id },
    sql`from (select t.deletion_id from tasks t where ${due} order by t.deleted_at limit ${TASKS_AT_ONCE}) as ${tasks}`,
  );
  for (let found = await db.query(some); found.length > 0; found = await db.query(some)) {
    const deletions = JSON.stringify([...new Set(found.map(({ deletion_id }) => deletion_id))]);
    const which = sql`t.deletion_id in (select value from json_each(${deletions})) and ${due}`;
    await db.write([
      appendEachTask(raw("1"), { cause: system, type: "task.purged", time: now().toISOString(), where: which }),
      sql`delete from tasks where row in (select t.row from tasks t where ${which})`,
    ]);
    await breathe();
  }
}
