import { OperatorError } from "@stoa/errors";
import { type Computed, computed, type RowOf, type RowShape, select } from "./select.ts";
import { join, raw, type Sql, sql } from "./sql.ts";

declare const content: unique symbol;

/** JSON text whose value has a known type, because SQL wrote it from a shape; {@link parseJson} reads it. */
export type Json<T> = string & { readonly [content]?: T };

/** The value of JSON text that SQL wrote from a shape. */
export function parseJson<T>(text: Json<T>): T {
  return JSON.parse(text) as T;
}

/** A value in the database that is not what was written there. The message names its place, and no value. */
export class DamagedValueError extends OperatorError {
  override readonly name = "DamagedValueError";

  constructor(place: string, row?: string | number | null) {
    super(
      `${place}${row === undefined || row === null ? "" : ` (${row})`} is damaged: no JSON. Put it back from a backup.`,
    );
  }
}

/**
 * The value of JSON text that was stored.
 *
 * @param place the column and its table: `users.roles`
 * @param row which row it is, where that is known
 * @throws DamagedValueError when it is no JSON
 */
export function storedJson<T>(text: string, place: string, row?: string | number | null): T {
  const read = jsonIn(text);
  // What the parser says is left out: it quotes what it found, which no log may have.
  if (!read) throw new DamagedValueError(place, row);
  return read.value as T;
}

/** What JSON text says, in an object since it may say `null`; undefined for a text that is no JSON. */
export function jsonIn(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

/**
 * A column with the one row of a SELECT as a JSON object; null when there is none. The shape gives the members of the
 * object in SQL and its type. Booleans are 0 and 1 in it, as they are in rows.
 *
 * @param rest from `from` on; it may refer to the statement around it
 * @example
 * const project = jsonOf({ name: projects.name }, sql`from ${projects} where ${projects.id} = ${tasks.project_id}`);
 * const rows = await db.query(select({ title: tasks.title, project }, sql`from ${tasks}`));
 * const name = rows[0]?.project && parseJson(rows[0].project).name;
 */
export function jsonOf<const S extends RowShape>(shape: S, rest: Sql): Computed<Json<RowOf<S>> | null> {
  return computed(sql`(select ${object(shape)} from (${select(shape, rest)}))`);
}

/** A column with all rows of a SELECT as a JSON array of objects, in their order; otherwise as {@link jsonOf}. */
export function jsonArrayOf<const S extends RowShape>(shape: S, rest: Sql): Computed<Json<RowOf<S>[]>> {
  return computed(sql`(select json_group_array(${object(shape)}) from (${select(shape, rest)}))`);
}

/** `json_object('id', "id", …)` of the columns of a subselect. */
function object(shape: RowShape): Sql {
  const members = Object.keys(shape).map((name) => raw(`'${name}', "${name}"`));
  return sql`json_object(${join(members, ", ")})`;
}
