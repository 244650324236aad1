import { type Sql, sql } from "@stoa/db";
import type { OrderColumn } from "@stoa/http/list/index";

const columns = {
  // Rows are numbered in the order of creation.
  created_at: undefined,
  updated_at: { column: "t.updated_at" },
  due_at: { column: "t.due_at", nullable: true },
  priority: { column: "t.priority_order" },
  rank: { column: "t.rank" },
} as const satisfies Record<string, Omit<OrderColumn, "direction"> | undefined>;

type Key = keyof typeof columns;

/** What tasks can be sorted by; with `-` the other way round. */
export type TaskSort = Key | `-${Key}`;

/** Every {@link TaskSort}. */
export const sorts = Object.keys(columns).flatMap((key) => [key, `-${key}`]) as [TaskSort, ...TaskSort[]];

/** The order of a sort; the order of creation parts what ties, and every index has it for nothing. */
export function orderOf(sort: TaskSort): OrderColumn[] {
  const direction = sort.startsWith("-") ? "desc" : "asc";
  const column = columns[sort.replace("-", "") as Key];
  const row: OrderColumn = { column: "t.row", direction, key: "id", value: rowOf(direction) };
  return column ? [{ ...column, direction }, row] : [row];
}

/**
 * Cursors carry ids, and rows are found by them. When the task is no longer there, the one that was made before it tells
 * where it was.
 */
const rowOf =
  (direction: OrderColumn["direction"]) =>
  (id: string | number | null): Sql => {
    const row = direction === "asc" ? sql`row` : sql`row + (id <> ${id})`;
    return sql`coalesce((select ${row} from tasks where id <= ${id} order by id desc limit 1), 0)`;
  };
