import { computed, type Database, raw, type Sql, select, sql } from "@stoa/db";
import { inTrashAt } from "./completed.ts";
import { headOf, type Range, type ReportedProject } from "./range.ts";
import { MOST_OVERDUE, type Overdue } from "./schema.ts";
import { reportDues } from "./table.ts";
import { dayAt, daysFrom } from "./zone.ts";

/** The open tasks whose due time had passed at the end of the last day (now, where that is earlier). */
export async function overdue(db: Database, project: ReportedProject, range: Range): Promise<Overdue> {
  const { tz, end, now } = range;
  const head = headOf(project, range);
  if (end === undefined) return { ...head, overdue: 0, tasks: [] };
  const late = lateAt(project.id, end, now);
  const rows = await db.scan(
    select(
      {
        task_id: computed<string>(raw("task_id")),
        due_at: computed<number>(raw("due_at")),
        all: computed<number>(raw("count(*) over ()")),
      },
      sql`${late} order by due_at, task_id limit ${MOST_OVERDUE}`,
    ),
  );
  const today = dayAt(tz, Math.min(end - 1, now));
  const tasks = rows.map(({ task_id, due_at }) => ({
    task_id,
    due_at: new Date(due_at).toISOString(),
    days_late: daysFrom(dayAt(tz, due_at), today),
  }));
  return { ...head, overdue: rows[0]?.all ?? 0, tasks };
}

/** How many there are. */
export async function countOverdue(db: Database, project_id: string, { end, now }: Range): Promise<number> {
  if (end === undefined) return 0;
  const count = { overdue: computed<number>(raw("count(*)")) };
  const [row] = await db.scan(select(count, lateAt(project_id, end, now)));
  return row?.overdue ?? 0;
}

/** From where they are read: those that still have no end, and those that ended later, each by the index. */
function lateAt(project_id: string, end: number, now: number): Sql {
  const late = sql`project_id = ${project_id} and since < ${end} and due_at < ${Math.min(end, now)}
    and not ${inTrashAt(project_id, sql`${end}`)}`;
  return sql`from (select task_id, due_at from ${reportDues} where until is null and ${late}
    union all select task_id, due_at from ${reportDues} where until >= ${end} and ${late})`;
}
