import { type Column, fillPlaceholders, type SQL, sql } from "drizzle-orm";
import { type Select, typed } from "./select.ts";
import { prepared, type Sql, type SqlValue } from "./sql.ts";

/** A SELECT, as drizzle's query builder makes it. */
interface Built<R> {
  toSQL(): { sql: string; params: unknown[] };
  readonly _: { readonly result: R[]; readonly selectedFields: object };
}

/** Rows as the driver gives them: SQLite has no boolean, so one is 0 or 1. */
type Driven<R> = {
  readonly [K in keyof R]: Extract<R[K], boolean> extends never ? R[K] : Exclude<R[K], boolean> | number;
};

/**
 * A field of a query that is not a column under its own name: a column under another name, or what a text of SQL computes.
 *
 * @typeParam T what the driver gives
 * @param of a column; or SQL, which is never anything that came from outside
 * @example new QueryBuilder().select({ owner: field<string | null>(members.user_id, "owner") })
 */
export function field<T>(of: Column | string, name: string): SQL.Aliased<T> {
  return (typeof of === "string" ? sql.raw(of) : sql`${of}`).as<T>(name);
}

/** A query that was built once; its values, by the names of its placeholders, make a statement. */
export type Prepared<R> = (values: Readonly<Record<string, SqlValue>>) => Select<R>;

/**
 * Builds a drizzle query once, when it is first needed: composing one costs 20 to 300 times what filling in its values does. The statement is
 * read with `db.query`, or stands at the end of a command's batch as its answer. Each field is a column of a table
 * under its own name, or has an alias equal to its name.
 *
 * @example
 * const titleOf = prepare(new QueryBuilder().select({ title: conversations.title }).from(conversations)
 *   .where(eq(conversations.id, placeholder("id"))));
 * const [row] = await db.query(titleOf({ id }));
 */
export function prepare<R extends object>(query: Built<R>): Prepared<Driven<R>> {
  let built: { readonly sql: string; readonly params: unknown[]; readonly columns: string[] } | undefined;
  return (values) => {
    built ??= { ...query.toSQL(), columns: Object.keys(query._.selectedFields) };
    return typed(prepared(built.sql, fillPlaceholders(built.params, { ...values }) as SqlValue[]), built.columns);
  };
}

/** What stands in the arguments of a statement until its values come. */
const SLOT = "\u0000";

/**
 * Composes SQL once that is needed very often, a SELECT or a condition: composing twenty columns costs more than reading a
 * row.
 *
 * @param compose writes it, with `value(name)` where a value will stand; it is called once and sees no value
 * @example
 * const nameOf = composeOnce((value: (name: "id") => Sql) => select({ name: projects.name }, sql`from ${projects} where id = ${value("id")}`));
 * const [row] = await db.query(nameOf({ id }));
 */
export function composeOnce<N extends string, S extends Sql>(
  compose: (value: (name: N) => Sql) => S,
): (values: Readonly<Record<N, SqlValue>>) => S {
  const composed = compose((name) => prepared("?", [SLOT + name]));
  const slots = composed.args.map((arg) =>
    typeof arg === "string" && arg.startsWith(SLOT) ? (arg.slice(SLOT.length) as N) : undefined,
  );
  return (values) => ({
    ...composed,
    args: slots.map((name, index) => (name === undefined ? (composed.args[index] ?? null) : values[name])),
  });
}
