import { breathe, type Database, raw, type Sql, select, sql } from "@stoa/db";
import { system } from "@stoa/events";
import type { StoreDeps } from "../deps.ts";
import { appendEachTask } from "./append-each.ts";
import { tasks } from "./table.ts";

/** How long before it is due a task is said to be due soon. */
const SOON_MS = 86_400_000;

/** Events in one write: more would keep other writes waiting. */
const TASKS_AT_ONCE = 200;

/**
 * Says of each open task that it is late, or that it is due within a day: once for each `due_at`. One that is late already
 * when this runs, after a pause say, is only said to be late. What has been said stands in the task's row and is written
 * with the event, so that several instances say it once.
 */
export async function sayWhatIsDue({ db, now }: StoreDeps): Promise<void> {
  const moment = now();
  const time = moment.toISOString();
  const soon = new Date(moment.getTime() + SOON_MS).toISOString();
  await sayAll(db, { type: "task.overdue", time, where: sql`${unsaidLate} and t.due_at < ${time}` });
  await sayAll(db, {
    type: "task.due_soon",
    time,
    where: sql`${unsaidSoon} and t.due_at >= ${time} and t.due_at <= ${soon}`,
  });
}

interface Saying {
  readonly type: "task.due_soon" | "task.overdue";
  readonly time: string;
  /** The condition of the tasks `t` of which it has not been said yet. */
  readonly where: Sql;
}

/** These conditions are those of the indexes `tasks_unsaid_late` and `tasks_unsaid_soon`, word by word. */
const open = "t.due_at is not null and t.deleted_at is null and t.status not in ('completed', 'cancelled')";
const unsaidLate = raw(`${open} and t.late_said is not t.due_at`);
const unsaidSoon = raw(`${open} and t.soon_said is not t.due_at`);

async function sayAll(db: Database, { type, time, where }: Saying): Promise<void> {
  const some = select(
    { row: tasks.row },
    sql`from (select t.row from tasks t where ${where} order by t.due_at limit ${TASKS_AT_ONCE}) as ${tasks}`,
  );
  const said = type === "task.overdue" ? raw("late_said = due_at, soon_said = due_at") : raw("soon_said = due_at");
  for (let found = await db.query(some); found.length > 0; found = await db.query(some)) {
    const which = sql`t.row in (select value from json_each(${JSON.stringify(found.map(({ row }) => row))})) and ${where}`;
    await db.write([
      appendEachTask(raw("1"), { cause: system, type, time, where: which, more: concerning }),
      sql`update tasks as t set ${said} where ${which}`,
    ]);
    await breathe();
  }
}

/**
 * Whom it concerns: the assignees, or the creator of a task that has none, as long as they see it. The task itself is
 * as it was, and so is its version.
 */
const concerning = raw(`json_object('version', t.version, 'due_at', t.due_at, 'user_ids', json(
  case when t.assignee_ids <> '[]' then t.assignee_ids
  when t.project_id is null or exists (select 1 from members where project_id = t.project_id and user_id = t.creator_id)
    or exists (select 1 from projects p join organization_members o on o.organization_id = p.organization_id
      where p.id = t.project_id and o.user_id = t.creator_id)
  then json_array(t.creator_id) else '[]' end))`);
