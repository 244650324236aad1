import { chunks, join, listed, prepared, raw, type Sql, type SqlValue, sql, unqualified } from "@stoa/db";
import { type Column, getTableColumns, type Table } from "drizzle-orm";
import { counts, loads, type Page } from "./page.ts";
import { reportCompletions, reportCounts, reportDues, reportTasks, reportWorkloads } from "./table.ts";
import { SLOT_MS } from "./zone.ts";

/** The statements of a page. */
export function writePage(page: Page): Sql[] {
  return [
    ...insertTasks(page.tasks()),
    ...chunks(page.gone(), ...sizes).map((rows) => sql`delete from ${reportTasks} where row in ${listed(rows)}`),
    ...endAll(reportCompletions, page.completions.ended()),
    ...insertCompletions(page.completions.begun()),
    ...endAll(reportDues, page.dues.ended()),
    ...insertDues(page.dues.begun()),
    ...insertCounts(page.counts.rows()),
    ...insertWorkloads(page.workloads.rows()),
  ];
}

/** What a row that is there already does with another one: its numbers are added. @param names of the numbers */
export function addedTo(table: Table, names: readonly string[]): Sql {
  const columns = getTableColumns(table);
  const numbers = Object.values(columns).filter(({ name }) => names.includes(name));
  const key = Object.values(columns).filter(({ name }) => !names.includes(name));
  return sql`on conflict (${join(key.map(unqualified), ", ")}) do update set ${assign(numbers, summed)}`;
}

function replaced(column: Sql): Sql {
  return sql`excluded.${column}`;
}

function summed(column: Sql): Sql {
  return sql`${column} + excluded.${column}`;
}

function assign(columns: readonly Column[], value: (column: Sql) => Sql): Sql {
  return join(
    columns.map((column) => sql`${unqualified(column)} = ${value(unqualified(column))}`),
    ", ",
  );
}

/** How many rows a statement has: few texts, so that each is prepared once, and no more rows than their number. */
const sizes = [64, 16, 4, 1] as const;

/**
 * Inserts objects with the names of a table's columns. The texts are written once: for the page of a busy journal, that was
 * most of the work.
 *
 * @param conflict without arguments
 */
function inserting(table: Table, conflict: Sql = raw("")): (rows: readonly object[]) => Sql[] {
  const columns = Object.values(getTableColumns(table));
  const row = `(${columns.map(() => "?").join(", ")})`;
  const begin = sql`insert into ${table} (${join(columns.map(unqualified), ", ")}) values`.sql;
  const texts = new Map<number, string>(
    sizes.map((size) => [size, `${begin} ${Array.from({ length: size }, () => row).join(", ")} ${conflict.sql}`]),
  );
  return (rows) =>
    chunks(rows, ...sizes).map((chunk) => {
      const args: SqlValue[] = [];
      for (const one of chunk as readonly Readonly<Record<string, SqlValue>>[]) {
        for (const { name } of columns) args.push(one[name] ?? null);
      }
      return prepared(texts.get(chunk.length) ?? "", args);
    });
}

const { row, ...rest } = getTableColumns(reportTasks);
const insertTasks = inserting(
  reportTasks,
  sql`on conflict (${unqualified(row)}) do update set ${assign(Object.values(rest), replaced)}`,
);
const insertCompletions = inserting(reportCompletions);
const insertDues = inserting(reportDues);
const insertCounts = inserting(reportCounts, addedTo(reportCounts, counts));
const insertWorkloads = inserting(reportWorkloads, addedTo(reportWorkloads, loads));

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
