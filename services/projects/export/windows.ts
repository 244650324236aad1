import type { Actor } from "@stoa/auth";
import { among, computed, type Database, type RowOf, raw, type Sql, select, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { accessible } from "../access.ts";
import { linkColumns } from "../links/read.ts";
import type { Link } from "../links/schema.ts";
import { links } from "../links/table.ts";
import { projects } from "../projects/table.ts";
import { taskColumns } from "../tasks/row.ts";
import { scopeOf } from "../tasks/scope.ts";
import { tasks } from "../tasks/table.ts";

/** Tasks in one read: with the longest descriptions some megabytes. */
const WINDOW = 200;

const columns = {
  ...taskColumns,
  /** Where the next window begins: tasks are numbered in the order in which they were made. */
  row: tasks.row,
  /** The usernames of its assignees. */
  assignees: computed<string | null>(
    raw(`(select group_concat(coalesce(d.username, a.value), ', ')
      from json_each("tasks".assignee_ids) a left join directory d on d.user_id = a.value)`),
  ),
};

/** A task as it is exported. */
export type ExportedRow = RowOf<typeof columns>;

/**
 * The tasks of a project, oldest first, some at a time: so many tasks as there may be, only these are in memory, and
 * nothing is read before it is asked for. That the user still sees the project is checked each time.
 *
 * @param where a further condition of the tasks
 * @throws StoaError `forbidden` when the user has lost the right, `not_found` when the project has gone to the trash.
 */
export async function* taskWindows(
  db: Database,
  actor: Actor,
  project_id: string,
  where: Sql = raw("1"),
): AsyncGenerator<ExportedRow[]> {
  for (let after = 0; ; ) {
    await requireReadable(db, actor, project_id);
    const rows = await db.scan(
      select(
        columns,
        sql`from ${tasks} where ${tasks.scope} = ${scopeOf(project_id)} and ${tasks.row} > ${after}
          and ${tasks.deleted_at} is null and ${where} order by ${tasks.row} limit ${WINDOW}`,
      ),
    );
    if (rows.length > 0) yield rows;
    if (rows.length < WINDOW) return;
    after = rows.at(-1)?.row ?? 0;
  }
}

/** The links between tasks of the project, those of some tasks at a time. Of links to other projects nothing is said. */
export async function* linkWindows(db: Database, actor: Actor, project_id: string): AsyncGenerator<Link[]> {
  const linking = raw(`exists (select 1 from links l where l.task_id = "tasks".id)`);
  for await (const rows of taskWindows(db, actor, project_id, linking)) {
    const found = await db.scan(
      select(
        linkColumns,
        sql`from ${links} join ${tasks} on ${tasks.id} = ${links.linked_task_id}
          where ${links.task_id} in ${among(rows.map(({ id }) => id))} and ${tasks.project_id} = ${project_id}
            and ${tasks.deleted_at} is null order by ${links.id}`,
      ),
    );
    if (found.length > 0) yield found;
  }
}

async function requireReadable(db: Database, actor: Actor, project_id: string): Promise<void> {
  const readable = computed<number>(accessible(actor, "read", projects.id));
  const [row] = await db.query(
    select({ readable }, sql`from ${projects} where ${projects.id} = ${project_id} and ${projects.deleted_at} is null`),
  );
  if (!row) throw new StoaError("not_found");
  if (!row.readable) throw new StoaError("forbidden");
}
