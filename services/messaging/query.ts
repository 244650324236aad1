import { type Database, prepared, type Sql, type SqlValue } from "@stoa/db";
import { fillPlaceholders } from "drizzle-orm";

/** A drizzle query, as the query builder makes it. */
interface Built<R> {
  toSQL(): { sql: string; params: unknown[] };
  readonly _: { readonly result: R[] };
}

/** A query that was built once: its values make a statement, for a read or for the answer of a command's batch. */
export interface Prepared<R> {
  statement(values: Readonly<Record<string, SqlValue>>): Sql;
  rows(db: Pick<Database, "query">, values: Readonly<Record<string, SqlValue>>): Promise<R[]>;
}

/**
 * Builds a drizzle query once. Each field is a column of the one plain table, or has an alias equal to its name, so
 * that the driver's rows have the fields that drizzle's type says.
 *
 * @example
 * const titleOf = prepare(new QueryBuilder().select({ title: conversations.title }).from(conversations)
 *   .where(eq(conversations.id, placeholder("id"))));
 * const [row] = await titleOf.rows(db, { id });
 */
export function prepare<R>(query: Built<R>): Prepared<R> {
  const { sql, params } = query.toSQL();
  const statement = (values: Readonly<Record<string, SqlValue>>): Sql =>
    prepared(sql, fillPlaceholders(params, { ...values }) as SqlValue[]);
  return { statement, rows: (db, values) => db.query<R>(statement(values)) };
}
