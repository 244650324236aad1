import { type Sql, type SqlPart, sql } from "@stoa/db";

/**
 * The number of the event with which a task or a project began, in SQL; null where the journal has none. It is the first
 * about it, so that the index by entity finds it at once.
 *
 * @param id a value, or SQL of one
 */
export function beginningOf(what: "task" | "project", id: SqlPart): Sql {
  return sql`(select seq from journal where entity_id = ${id} and type = ${`${what}.created`} order by seq limit 1)`;
}
