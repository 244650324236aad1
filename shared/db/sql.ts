/** A value SQLite stores. Booleans go in as 0 and 1. */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array;

/** SQL text with its arguments: a whole statement, or a piece of one. */
export interface Sql {
  readonly sql: string;
  readonly args: readonly SqlValue[];
}

/** Text that goes into a statement as it is. Never for anything that came from outside. */
export function raw(text: string): Sql {
  return { sql: text, args: [] };
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
  return { sql: text, args };
}

/** Joins pieces, such as conditions with `" and "` or values with `", "`. */
export function join(parts: readonly Sql[], separator: string): Sql {
  return { sql: parts.map((part) => part.sql).join(separator), args: parts.flatMap((part) => part.args) };
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
  return typeof value === "object" && value !== null && "sql" in value && "args" in value;
}
