/** A value SQLite stores. Booleans go in as 0 and 1. */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array;

/**
 * SQL text with its arguments: a whole statement, or a piece of one. Only this module makes them, so that an object
 * from outside that happens to look like one (in a JSON column, say) stays a value.
 */
export interface Sql {
  readonly sql: string;
  readonly args: readonly SqlValue[];
  readonly [made]: true;
}

const made: unique symbol = Symbol("sql");

const make = (text: string, args: readonly SqlValue[]): Sql => ({ sql: text, args, [made]: true });

/** Text that goes into a statement as it is. Never for anything that came from outside. */
export function raw(text: string): Sql {
  return make(text, []);
}

/** Text with its arguments, as a query builder gives them. The text is never anything that came from outside. */
export function prepared(text: string, args: readonly SqlValue[]): Sql {
  return make(text, args);
}

/**
 * Writes SQL with its arguments in place. A value becomes a placeholder; another `Sql` is spliced in.
 *
 * @example
 * const mine = sql`user_id = ${userId}`;
 * const statement = sql`update sessions set ended_at = ${now} where ${mine} and ended_at is null`;
 */
export function sql(strings: TemplateStringsArray, ...values: readonly (SqlValue | Sql)[]): Sql {
  let text = strings[0] ?? "";
  const args: SqlValue[] = [];
  values.forEach((value, index) => {
    if (isSql(value)) {
      text += value.sql;
      args.push(...value.args);
    } else {
      text += "?";
      args.push(value);
    }
    text += strings[index + 1] ?? "";
  });
  return make(text, args);
}

/** Joins pieces, such as conditions with `" and "` or values with `", "`. */
export function join(parts: readonly Sql[], separator: string): Sql {
  return make(
    parts.map((part) => part.sql).join(separator),
    parts.flatMap((part) => part.args),
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

/** Whether a value is SQL rather than an argument of it. */
export function isSql(value: unknown): value is Sql {
  return typeof value === "object" && value !== null && made in value;
}
