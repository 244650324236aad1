import type { OrderColumn } from "@stoa/http/list/index";

const columns = {
  // Ids are UUIDv7: their order is that of creation.
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

/** The order of a sort; ids part what ties. */
export function orderOf(sort: TaskSort): OrderColumn[] {
  const direction = sort.startsWith("-") ? "desc" : "asc";
  const column = columns[sort.replace("-", "") as Key];
  const id: OrderColumn = { column: "t.id", direction };
  return column ? [{ ...column, direction }, id] : [id];
}
