import type { OrderColumn } from "@stoa/http/list/index";

/** What tasks can be sorted by; with `-` the other way round. */
export const sorts = [
  "created_at",
  "-created_at",
  "updated_at",
  "-updated_at",
  "due_at",
  "-due_at",
  "priority",
  "-priority",
  "rank",
  "-rank",
] as const;

/** What tasks can be sorted by. */
export type TaskSort = (typeof sorts)[number];

type Key = TaskSort extends infer S ? (S extends `-${string}` ? never : S) : never;

// Ids are UUIDv7: their order is that of creation.
const columns: Record<Key, Omit<OrderColumn, "direction"> | undefined> = {
  created_at: undefined,
  updated_at: { column: "t.updated_at" },
  due_at: { column: "t.due_at", nullable: true },
  priority: { column: "t.priority_order" },
  rank: { column: "t.rank" },
};

/** The order of a sort; ids part what ties. */
export function orderOf(sort: TaskSort): OrderColumn[] {
  const direction = sort.startsWith("-") ? "desc" : "asc";
  const column = columns[sort.replace("-", "") as Key];
  const id: OrderColumn = { column: "t.id", direction };
  return column ? [{ ...column, direction }, id] : [id];
}
