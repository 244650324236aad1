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
  const texts: string[] = [];
  const args: SqlValue[] = [];
  let marks = none;
  for (const value of values) {
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) {
      texts.push("?");
      args.push(value);
    } else {
      const piece = isSql(value) ? value : nameOf(value);
      texts.push(piece.sql);
      for (const arg of piece.args) args.push(arg);
      if (piece.marks.length > 0) marks = marks.length === 0 ? piece.marks : [...marks, ...piece.marks];
    }
  }
  return make(written(strings, texts), args, marks);
}

/**
 * The text that a place in the code wrote last, and of which pieces. Most places write the same text each time; then it is the
 * same string too, so that whoever looks for the text (a prepared statement, say) need not hash it again.
 */
const lastWritten = new WeakMap<TemplateStringsArray, { readonly texts: readonly string[]; readonly text: string }>();

function written(strings: TemplateStringsArray, texts: readonly string[]): string {
  const last = lastWritten.get(strings);
  if (last && same(last.texts, texts)) return last.text;
  let text = strings[0] ?? "";
  for (let index = 0; index < texts.length; index++) text += `${texts[index]}${strings[index + 1]}`;
  lastWritten.set(strings, { texts, text });
  return text;
}

/** A loop, because every statement that is written goes through it. */
function same(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}

/** Joins pieces, such as conditions with `" and "` or values with `", "`. */
export function join(parts: readonly Sql[], separator: string): Sql {
  return between("", parts, separator, "");
}

/** `(…) and (…)`; true when there is no condition. */
export function all(conditions: readonly Sql[]): Sql {
  if (conditions.length === 0) return raw("1");
  return between("(", conditions, ") and (", ")");
}

function between(begin: string, parts: readonly Sql[], separator: string, end: string): Sql {
  let marks = none;
  const args: SqlValue[] = [];
  const texts: string[] = [];
  for (const part of parts) {
    texts.push(part.sql);
    for (const arg of part.args) args.push(arg);
    if (part.marks.length > 0) marks = marks.length === 0 ? part.marks : [...marks, ...part.marks];
  }
  return make(joined(begin, texts, separator, end), args, marks);
}

/** What was joined last of pieces that begin with a text: the same string again, as {@link lastWritten} has it. */
const lastJoined = new Map<string, Joined>();

interface Joined {
  readonly begin: string;
  readonly texts: readonly string[];
  readonly separator: string;
  readonly text: string;
}

/** How many are kept: a service has fewer places that join. */
const MOST_JOINED = 500;

function joined(begin: string, texts: readonly string[], separator: string, end: string): string {
  const first = texts[0] ?? "";
  const last = lastJoined.get(first);
  if (last && last.begin === begin && last.separator === separator && same(last.texts, texts)) return last.text;
  const text = begin + texts.join(separator) + end;
  if (lastJoined.size >= MOST_JOINED) lastJoined.clear();
  lastJoined.set(first, { begin, texts, separator, text });
  return text;
}

/** `(?, ?, …)`: what stands after `in`. */
export function listed(values: readonly SqlValue[]): Sql {
  return make(placeholders(values.length), values);
}

const lists: string[] = [];

/** `(?, ?, …)`: short ones, which are most, are made once. */
function placeholders(count: number): string {
  if (count > 100) return `(${Array.from({ length: count }, () => "?").join(", ")})`;
  lists[count] ??= `(${Array.from({ length: count }, () => "?").join(", ")})`;
  return lists[count];
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
