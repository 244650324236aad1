import { breathe, type Database, join, PURGED_AT_ONCE, raw, type Sql, sql, unqualified } from "@stoa/db";
import { getTableColumns } from "drizzle-orm";
import { closed } from "../tasks/status.ts";
import { slotAt } from "./counters.ts";
import { beginningOf } from "./numbers.ts";
import { counts, loads } from "./page.ts";
import { reportCompletions, reportCounts, reportDues, reportTasks, reportTrashings, reportWorkloads } from "./table.ts";
import { addedTo } from "./write-page.ts";

/** A project moves to the trash: all its tasks leave its scope. */
export function projectLeaves(project_id: string, at: number): Sql[] {
  const stays = sql`not exists (select 1 from report_trashings where project_id = ${project_id} and until is null)`;
  return [
    ...countTasks(project_id, at, -1, stays),
    sql`insert into ${reportTrashings} (project_id, since) select ${project_id}, ${at} where ${stays}`,
  ];
}

/** A project comes back from the trash, with its tasks as they were. */
export function projectReturns(project_id: string, at: number): Sql[] {
  const gone = sql`exists (select 1 from report_trashings where project_id = ${project_id} and until is null)`;
  return [
    ...countTasks(project_id, at, 1, gone),
    sql`update ${reportTrashings} set until = ${at} where project_id = ${project_id} and until is null`,
  ];
}

/** The condition of the tasks of a project. */
const ofProject = (project_id: string): Sql => sql`project = ${beginningOf("project", project_id)}`;

/** Deletes all that is kept of a project that has gone for good, a little at a time. */
export async function forgetProject(db: Database, project_id: string): Promise<void> {
  for (const table of [reportTasks, reportCounts, reportWorkloads, reportCompletions, reportDues, reportTrashings]) {
    const its = table === reportTasks ? ofProject(project_id) : sql`project_id = ${project_id}`;
    for (let deleted = PURGED_AT_ONCE; deleted === PURGED_AT_ONCE; ) {
      const some = sql`select rowid from ${table} where ${its} limit ${PURGED_AT_ONCE}`;
      const [result] = await db.write([sql`delete from ${table} where rowid in (${some})`], { relaxed: true });
      deleted = result.changes;
      await breathe();
    }
  }
}

const open = `status not in (${closed.map((status) => `'${status}'`).join(", ")})`;

/** Counts all tasks of a project that are not in the trash by themselves, or takes them off again. */
function countTasks(project_id: string, at: number, by: 1 | -1, when: Sql): Sql[] {
  const live = sql`${ofProject(project_id)} and trashed = 0 and ${when}`;
  const scope = "sum(status <> 'cancelled')";
  const whole: Readonly<Record<string, string>> = {
    added: by === 1 ? scope : "0",
    removed: by === 1 ? "0" : scope,
    arrivals: by === 1 ? `sum(${open})` : "0",
    departures: by === 1 ? "0" : `sum(${open})`,
  };
  const values = counts.map((count) => raw(whole[count] ?? `${by} * sum(status = '${count}')`));
  const grains = sql`(select 15 as grain, ${slotAt(15, at)} as slot union all select 1440, ${slotAt(1440, at)})`;
  const sums = loads.map((load) => raw(load === "open" ? `${by} * count(*)` : `${by} * sum(t.${load})`));
  const { project_id: project, grain, slot, ...numbers } = getTableColumns(reportCounts);
  const names = join([project, grain, slot, ...Object.values(numbers)].map(unqualified), ", ");
  return [
    sql`insert into ${reportCounts} (${names}) select ${project_id}, grain, slot, ${join(values, ", ")}
      from report_tasks, ${grains} where ${live} group by grain, slot ${addedTo(reportCounts, counts)}`,
    sql`insert into ${reportWorkloads} (project_id, grain, slot, assignee_id, ${raw(loads.join(", "))})
      select ${project_id}, grain, slot, a.value, ${join(sums, ", ")}
      from report_tasks t, ${grains},
        json_each(case t.assignee_ids when '[]' then '[""]' else t.assignee_ids end) a
      where ${live} and ${raw(open)} group by grain, slot, a.value ${addedTo(reportWorkloads, loads)}`,
  ];
}
