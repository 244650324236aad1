import { Column, getTableColumns, type Table } from "drizzle-orm";
import { join, raw, type Sql, sql } from "./sql.ts";

declare const rowType: unique symbol;

/** A statement whose rows have a known type, because the names and types of its columns were said when it was made. */
export interface Select<R> extends Sql {
  /** The columns that its rows have, no more and no fewer; databases opened with `checkRows` compare them. */
  readonly columns: readonly string[];
  readonly [rowType]?: R;
}

/** A column that is computed, and the type that the driver gives it. */
export interface Computed<T> {
  readonly computed: Sql | undefined;
  readonly [rowType]?: T;
}

/** The columns of a row, by name. A drizzle column brings its own type. */
export type RowShape = Readonly<Record<string, Column | Computed<unknown>>>;

/** A column as the driver gives it: SQLite has no boolean, so one is 0 or 1. */
type DriverValue<C extends Column> =
  | (C["_"]["data"] extends boolean ? number : C["_"]["data"])
  | (C["_"]["notNull"] extends true ? never : null);

/** The type of a row of this shape. */
export type RowOf<S extends RowShape> = {
  readonly [K in keyof S]: S[K] extends Column ? DriverValue<S[K]> : S[K] extends Computed<infer T> ? T : never;
};

/** The type of a statement's rows. */
export type RowsOf<S> = S extends Select<infer R> ? R : Record<string, unknown>;

/**
 * A computed column.
 *
 * @typeParam T what the driver gives: text, number, or null
 * @param expression what computes it; left out where {@link returning} only names the column
 * @example select({ total: computed<number>(sql`count(*)`) }, sql`from ${tasks}`)
 */
export function computed<T>(expression?: Sql): Computed<T> {
  return { computed: expression };
}

/** A column of the right side of a left join: null where there is no row. */
export function nullable<C extends Column>(column: C): Computed<DriverValue<C> | null> {
  return { computed: sql`${column}` };
}

/**
 * The columns of a subselect, as the statement around it names them.
 *
 * @example
 * const columns = { id: tasks.id, total: computed<number>(sql`count(*)`) };
 * select(columnsOfSubselect(columns), sql`from (${select(columns, sql`from ${tasks}`)}) order by total`);
 */
export function columnsOfSubselect<const S extends RowShape>(shape: S): { [K in keyof S]: Computed<RowOf<S>[K]> } {
  const entries = Object.keys(shape).map((name) => [name, computed(raw(`"${name}"`))]);
  return Object.fromEntries(entries) as { [K in keyof S]: Computed<RowOf<S>[K]> };
}

/**
 * Writes `select … <rest>`, whose columns are those of the shape: so its rows have their type without a cast.
 *
 * @param rest from `from` on
 * @example
 * const t = alias(tasks, "t");
 * const rows = await db.query(select({ id: t.id, title: t.title }, sql`from ${t} where ${t.project_id} = ${id}`));
 */
export function select<const S extends RowShape>(shape: S, rest: Sql): Select<RowOf<S>> {
  const columns = Object.keys(shape);
  return typed(sql`select ${listOf(shape)} ${rest}`, columns);
}

/** `select distinct … <rest>`; otherwise as {@link select}. */
export function selectDistinct<const S extends RowShape>(shape: S, rest: Sql): Select<RowOf<S>> {
  return typed(sql`select distinct ${listOf(shape)} ${rest}`, Object.keys(shape));
}

/**
 * Says what the rows of a statement are that is written out whole: a union, a RETURNING, a common table expression.
 * Nothing but the tests (`checkRows`) compares the shape with the statement.
 */
export function returning<const S extends RowShape>(shape: S, statement: Sql): Select<RowOf<S>> {
  return typed(statement, Object.keys(shape));
}

/**
 * The columns of a table that have one of these names: what a resource shows of its row, taken from its schema, so that a
 * new field needs no list of its own.
 *
 * @example pickColumns(tasks, Task.properties)
 */
export function pickColumns<T extends Table, N extends object>(
  table: T,
  names: N,
): Pick<T["_"]["columns"], keyof T["_"]["columns"] & keyof N> {
  const entries = Object.entries(getTableColumns(table)).filter(([name]) => Object.hasOwn(names, name));
  return Object.fromEntries(entries) as Pick<T["_"]["columns"], keyof T["_"]["columns"] & keyof N>;
}

/** The same statement with the names of its columns. For this package. */
export function typed<R>(statement: Sql, columns: readonly string[]): Select<R> {
  return { ...statement, columns };
}

/** The columns that a statement says it has; undefined where it says none. */
export function columnsOf(statement: Sql): readonly string[] | undefined {
  return (statement as Partial<Select<unknown>>).columns;
}

const lists = new WeakMap<RowShape, Sql>();

/** The columns of a shape, with their names. Most shapes are constants: the text of each is written once. */
function listOf(shape: RowShape): Sql {
  let list = lists.get(shape);
  if (!list) {
    list = join(Object.entries(shape).map(named), ", ");
    lists.set(shape, list);
  }
  return list;
}

function named([name, column]: readonly [string, RowShape[string]]): Sql {
  if (column instanceof Column) return column.name === name ? sql`${column}` : sql`${column} as ${raw(`"${name}"`)}`;
  if (!column.computed) throw new TypeError(`The column ${name} is named, but nothing computes it.`);
  return sql`${column.computed} as ${raw(`"${name}"`)}`;
}
