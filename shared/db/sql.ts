import { Column, getTableName, Table } from "drizzle-orm";

/** A value SQLite stores. Booleans go in as 0 and 1. */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array;

/**
 * SQL text with its arguments: a whole statement, or a piece of one. Only this module makes them, so that an object
 * from outside that happens to look like one (in a JSON column, say) stays a value.
 */
export interface Sql {
  readonly sql: string;
  readonly args: readonly SqlValue[];
  /**
   * Marks of the pieces that this was made of (see {@link marked}). `@stoa/journal` marks the condition that an event
   * happened, and so finds a statement that forgot it.
   */
  readonly marks: readonly string[];
  readonly [made]: true;
}

/** What may stand between the texts of the {@link sql} tag. */
export type SqlPart = SqlValue | Sql | Column | Table;

const made: unique symbol = Symbol("sql");
const none: readonly string[] = [];

const make = (text: string, args: readonly SqlValue[], marks: readonly string[] = none): Sql => ({
  sql: text,
  args,
  marks,
  [made]: true,
});

/** Text that goes into a statement as it is. Never for anything that came from outside. */
export function raw(text: string): Sql {
  return make(text, []);
}

/** Text with its arguments, as a query builder gives them. The text is never anything that came from outside. */
export function prepared(text: string, args: readonly SqlValue[]): Sql {
  return make(text, args);
}

/** The same SQL with a mark that every statement inherits which contains it. */
export function marked(piece: Sql, mark: string): Sql {
  return make(piece.sql, piece.args, [...piece.marks, mark]);
}

/**
 * Writes SQL with its arguments in place. A value becomes a placeholder, another `Sql` is spliced in, a drizzle table or
 * column becomes its quoted name: `"tasks"`, `"tasks" "t"` for an alias, `"t"."title"` for a column.
 *
 * @example
 * const theirs = sql`${sessions.user_id} = ${user_id}`;
 * const statement = sql`update ${sessions} set ended_at = ${time} where ${theirs} and ended_at is null`;
 */
export function sql(strings: TemplateStringsArray, ...values: readonly SqlPart[]): Sql {
  let text = strings[0] ?? "";
  const args: SqlValue[] = [];
  let marks = none;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as SqlPart;
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) {
      text += "?";
      args.push(value);
    } else {
      const piece = isSql(value) ? value : nameOf(value);
      text += piece.sql;
      for (const arg of piece.args) args.push(arg);
      if (piece.marks.length > 0) marks = marks.length === 0 ? piece.marks : [...marks, ...piece.marks];
    }
    text += strings[index + 1] ?? "";
  }
  return make(text, args, marks);
}

/** Joins pieces, such as conditions with `" and "` or values with `", "`. */
export function join(parts: readonly Sql[], separator: string): Sql {
  return make(
    parts.map((part) => part.sql).join(separator),
    parts.flatMap((part) => part.args),
    parts.flatMap((part) => part.marks),
  );
}

/** `(…) and (…)`; true when there is no condition. */
export function all(conditions: readonly Sql[]): Sql {
  if (conditions.length === 0) return raw("1");
  return join(
    conditions.map((condition) => sql`(${condition})`),
    " and ",
  );
}

/** `(?, ?, …)`: what stands after `in`. */
export function listed(values: readonly SqlValue[]): Sql {
  return make(`(${values.map(() => "?").join(", ")})`, values);
}

/**
 * What stands after `in`, as {@link listed} makes it, but one argument however many values there are: the text of the
 * statement stays the same, so that it is prepared once.
 */
export function among(values: readonly unknown[]): Sql {
  return sql`(select value from json_each(${JSON.stringify(values)}))`;
}

/** Whether a value is SQL rather than an argument of it. */
export function isSql(value: unknown): value is Sql {
  return typeof value === "object" && value !== null && made in value;
}

/** The name of a column without its table: for `insert into t (…)` and `set …`. */
export function unqualified(column: Column): Sql {
  return raw(quoted(column.name));
}

const names = new WeakMap<Column | Table, Sql>();

function nameOf(named: Column | Table): Sql {
  let name = names.get(named);
  if (!name) {
    name = raw(
      named instanceof Column ? `${quoted(getTableName(named.table))}.${quoted(named.name)}` : tableName(named),
    );
    names.set(named, name);
  }
  return name;
}

/** `"tasks"`, and `"tasks" "t"` for an alias: what stands after `from`. */
function tableName(table: Table): string {
  if (!(table instanceof Table)) throw new TypeError("Only values, SQL, tables and columns go into a statement.");
  const name = quoted(getTableName(table));
  const isAlias: unknown = Reflect.get(table, Symbol.for("drizzle:IsAlias"));
  return isAlias ? `${quoted(String(Reflect.get(table, Symbol.for("drizzle:OriginalName"))))} ${name}` : name;
}

function quoted(name: string): string {
  return `"${name}"`;
}
