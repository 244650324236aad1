import { getTableColumns, getTableName, type InferInsertModel, type Table } from "drizzle-orm";
import { isSql, join, raw, type Sql, type SqlValue, sql, unqualified } from "./sql.ts";

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
  const columns = getTableColumns(table);
  const names: Sql[] = [];
  const values: Sql[] = [];
  for (const [key, value] of Object.entries(row)) {
    if (value === undefined) continue;
    const column = columns[key];
    if (!column) throw new TypeError(`${getTableName(table)} has no column ${key}.`);
    names.push(unqualified(column));
    values.push(isSql(value) ? value : sql`${value === null ? null : (column.mapToDriverValue(value) as SqlValue)}`);
  }
  if (names.length === 0) throw new TypeError(`Nothing is said of any column of ${getTableName(table)}.`);
  return { names, values };
}
