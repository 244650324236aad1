import { join, raw, type Sql, sql, unqualified } from "@stoa/db";
import { type Column, getTableColumns, type Table } from "drizzle-orm";
import { counts, loads, type Page } from "./page.ts";
import { reportCompletions, reportCounts, reportDues, reportTasks, reportWorkloads } from "./table.ts";

/** The statements of a page: one or two for each table, whatever the number of rows. */
export function writePage(page: Page): Sql[] {
  const states = page.states().map(({ trashed, assignee_ids, ...state }) => ({
    ...state,
    trashed: trashed ? 1 : 0,
    assignee_ids: JSON.stringify(assignee_ids),
  }));
  const { task_id, ...rest } = getTableColumns(reportTasks);
  return [
    ...insertAll(
      reportTasks,
      states,
      sql`on conflict (task_id) do update set ${assign(Object.values(rest), replaced)}`,
    ),
    ...endAll(reportCompletions, page.completions.ended()),
    ...insertAll(reportCompletions, page.completions.begun()),
    ...endAll(reportDues, page.dues.ended()),
    ...insertAll(reportDues, page.dues.begun()),
    ...insertAll(reportCounts, page.counts.rows(), addedTo(reportCounts, counts)),
    ...insertAll(reportWorkloads, page.workloads.rows(), addedTo(reportWorkloads, loads)),
  ];
}

/** What a row that is there already does with another one: its numbers are added. @param names of the numbers */
export function addedTo(table: Table, names: readonly string[]): Sql {
  const columns = getTableColumns(table);
  const numbers = Object.values(columns).filter(({ name }) => names.includes(name));
  const key = Object.values(columns).filter(({ name }) => !names.includes(name));
  return sql`on conflict (${join(key.map(unqualified), ", ")}) do update set ${assign(numbers, summed)}`;
}

const replaced = (column: Sql) => sql`excluded.${column}`;
const summed = (column: Sql) => sql`${column} + excluded.${column}`;

function assign(columns: readonly Column[], value: (column: Sql) => Sql): Sql {
  return join(
    columns.map((column) => sql`${unqualified(column)} = ${value(unqualified(column))}`),
    ", ",
  );
}

/** Inserts objects with the names of a table's columns, without its row ids. */
function insertAll(table: Table, rows: readonly object[], conflict: Sql = raw("")): Sql[] {
  if (rows.length === 0) return [];
  const columns = Object.values(getTableColumns(table)).filter(({ name }) => name !== "row");
  const names = columns.map(unqualified);
  const values = columns.map(({ name }) => raw(`value ->> '${name}'`));
  return [
    sql`insert into ${table} (${join(names, ", ")}) select ${join(values, ", ")}
      from json_each(${JSON.stringify(rows)}) where true ${conflict}`,
  ];
}

/** Ends the spells that tasks were in. */
function endAll(table: Table, ended: readonly { task_id: string; until: number }[]): Sql[] {
  if (ended.length === 0) return [];
  const json = JSON.stringify(ended);
  return [
    sql`update ${table} set until = ended.value ->> 'until' from json_each(${json}) ended
      where ${table}.until is null and ${table}.task_id = ended.value ->> 'task_id'`,
  ];
}
