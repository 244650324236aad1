import { all, isSql, join, raw, type Sql, sql } from "@stoa/db";
import { Column } from "drizzle-orm";
import type { Position } from "./cursor.ts";

/** One column of a list's order. */
export interface OrderColumn {
  /** A column, or an expression. It comes from the code, never from a request. */
  readonly column: Column | string | Sql;
  readonly direction: "asc" | "desc";
  /** Whether it may be null; nulls come last in both directions. */
  readonly nullable?: boolean;
  /** The field of a row that holds the column's value: the column's own name unless given; needed for expressions. */
  readonly key?: string;
  /** What the column is compared with, when a row's field only leads to it, as an id does to a rowid. */
  readonly value?: (field: Position[number]) => Sql;
}

/** The field of a row that a column of the order is read from. */
export function keyOf({ column, key }: OrderColumn): string {
  if (key !== undefined) return key;
  if (column instanceof Column) return column.name;
  if (typeof column !== "string") throw new TypeError("An expression in an order needs the key of its value.");
  return column.slice(column.lastIndexOf(".") + 1).replaceAll('"', "");
}

/** What follows `order by`. */
export function orderBy(order: readonly OrderColumn[]): Sql {
  return join(
    order.map(({ column, direction, nullable }) => {
      const nulls = nullable ? raw(" nulls last") : raw("");
      return sql`${expression(column)} ${raw(direction)}${nulls}`;
    }),
    ", ",
  );
}

/**
 * The condition of the rows after a position. Columns that run the same way and hold no null become one row value,
 * `(a, b) < (?, ?)`, which an index answers with a seek; anything else is spelled out column by column.
 */
export function after(order: readonly OrderColumn[], position: Position): Sql {
  const [first, ...rest] = order;
  if (!first) return raw("0");
  const uniform = order.every((column) => !column.nullable && column.direction === first.direction);
  if (uniform) {
    const columns = join(
      order.map(({ column }) => expression(column)),
      ", ",
    );
    const values = join(
      order.map((column, index) => collated(column, position[index] ?? null)),
      ", ",
    );
    return sql`(${columns}) ${raw(first.direction === "asc" ? ">" : "<")} (${values})`;
  }
  return nested(first, rest, position);
}

/**
 * A rowid has no collation, and then SQLite leaves it out of the seek and reads past everything that ties before it. A
 * collation that is said for the value makes up for it; among numbers it changes nothing. It does not seek by what has
 * the type of a column either, which a plus takes off.
 */
function collated(column: OrderColumn, field: Position[number]): Sql {
  const value = comparand(column, field);
  if (column.value) return sql`+${value} collate binary`;
  return typeof field === "number" ? sql`${value} collate binary` : value;
}

function comparand({ value }: OrderColumn, field: Position[number]): Sql {
  return value ? value(field) : sql`${field}`;
}

function nested(first: OrderColumn, rest: readonly OrderColumn[], [value = null, ...values]: Position): Sql {
  const column = expression(first.column);
  const [next, ...others] = rest;
  const tied = next ? nested(next, others, values) : raw("0");
  // Nulls are last: after one come only its peers.
  if (value === null) return sql`${column} is null and (${tied})`;
  const at = comparand(first, value);
  const beyond = sql`${column} ${raw(first.direction === "asc" ? ">" : "<")} ${at}`;
  const later = first.nullable ? sql`(${beyond} or ${column} is null)` : beyond;
  const either = sql`${later} or (${column} = ${at} and (${tied}))`;
  if (first.nullable) return either;
  // Says again what the alternatives imply, as a range that an index can seek.
  return all([sql`${column} ${raw(first.direction === "asc" ? ">=" : "<=")} ${at}`, either]);
}

function expression(column: Column | string | Sql): Sql {
  if (column instanceof Column) return sql`${column}`;
  return isSql(column) ? column : raw(column);
}
