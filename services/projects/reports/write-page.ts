import { chunks, join, listed, raw, type Sql, type SqlValue, sql, unqualified } from "@stoa/db";
import { type Column, getTableColumns, type Table } from "drizzle-orm";
import { counts, loads, type Page } from "./page.ts";
import { reportCompletions, reportCounts, reportDues, reportTasks, reportWorkloads } from "./table.ts";
import { SLOT_MS } from "./zone.ts";

/** The statements of a page. */
export function writePage(page: Page): Sql[] {
  const { row, ...rest } = getTableColumns(reportTasks);
  return [
    ...insertAll(
      reportTasks,
      page.tasks(),
      sql`on conflict (row) do update set ${assign(Object.values(rest), replaced)}`,
    ),
    ...chunks(page.gone(), ...sizes).map((rows) => sql`delete from ${reportTasks} where row in ${listed(rows)}`),
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

/** How many rows a statement has: few texts, so that each is prepared once, and no more rows than their number. */
const sizes = [64, 16, 4, 1] as const;

/** Inserts objects with the names of a table's columns. */
function insertAll(table: Table, rows: readonly object[], conflict: Sql = raw("")): Sql[] {
  const columns = Object.values(getTableColumns(table));
  const names = join(columns.map(unqualified), ", ");
  const valuesOf = (row: object) => {
    const fields: Readonly<Record<string, SqlValue>> = { ...row };
    return columns.map(({ name }) => fields[name] ?? null);
  };
  return chunks(rows, ...sizes).map(
    (chunk) =>
      sql`insert into ${table} (${names}) values ${join(
        chunk.map((row) => listed(valuesOf(row))),
        ", ",
      )} ${conflict}`,
  );
}

/** Ends spells. One that ends in the quarter of an hour in which it began goes, as it does within a page. */
function endAll(table: Table, ended: readonly { row: number; until: number }[]): Sql[] {
  return [
    ...ended.map(({ row, until }) => sql`update ${table} set until = ${until} where row = ${row}`),
    ...chunks(ended, ...sizes).map(
      (chunk) => sql`delete from ${table} where row in ${listed(chunk.map(({ row }) => row))}
        and since / ${SLOT_MS} = until / ${SLOT_MS}`,
    ),
  ];
}
