import { type Column, getTableColumns, getTableName, type InferInsertModel, type Table } from "drizzle-orm";
import { isSql, join, prepared, raw, type Sql, type SqlValue, sql, unqualified } from "./sql.ts";

/**
 * Inserts one row of a drizzle table if a condition holds: `insert into t (…) select … where …`. Columns that the
 * row leaves out get their SQL default; defaults computed in TypeScript (`$defaultFn`) do not run.
 * A value may be `Sql`, a subquery say.
 */
export function insertRow<T extends Table>(
  table: T,
  row: { [K in keyof InferInsertModel<T>]: InferInsertModel<T>[K] | Sql },
  when: Sql = raw("1"),
): Sql {
  const { names, values } = columnsOf(table, row);
  return sql`insert into ${table} (${join(names, ", ")}) select ${join(values, ", ")} where ${when}`;
}

/** Changes the rows of a drizzle table that fit: `update t set … where …`. */
export function updateRows<T extends Table>(
  table: T,
  set: { [K in keyof InferInsertModel<T>]?: InferInsertModel<T>[K] | Sql },
  where: Sql,
): Sql {
  const { names, values } = columnsOf(table, set);
  const pairs = names.map((name, index) => sql`${name} = ${values[index] ?? null}`);
  return sql`update ${table} set ${join(pairs, ", ")} where ${where}`;
}

function columnsOf(table: Table, row: object): { names: Sql[]; values: Sql[] } {
  const columns = columnsByName(table);
  const names: Sql[] = [];
  const values: Sql[] = [];
  for (const [key, value] of Object.entries(row)) {
    if (value === undefined) continue;
    const { column, name } = columns.get(key) ?? {};
    if (!column || !name) throw new TypeError(`${getTableName(table)} has no column ${key}.`);
    names.push(name);
    values.push(
      isSql(value) ? value : prepared("?", [value === null ? null : (column.mapToDriverValue(value) as SqlValue)]),
    );
  }
  if (names.length === 0) throw new TypeError(`Nothing is said of any column of ${getTableName(table)}.`);
  return { names, values };
}

const known = new WeakMap<Table, ReadonlyMap<string, { readonly column: Column; readonly name: Sql }>>();

/** The columns of a table with their names as they stand in statements. They are asked for with every row that is written. */
function columnsByName(table: Table) {
  let columns = known.get(table);
  if (!columns) {
    const entries = Object.entries<Column>(getTableColumns(table));
    columns = new Map(entries.map(([key, column]) => [key, { column, name: unqualified(column) }]));
    known.set(table, columns);
  }
  return columns;
}
