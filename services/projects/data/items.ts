import { StoaError } from "@stoa/errors";
import {
  type DataAssignee,
  type DataLink,
  type DataProject,
  type DataSave,
  type DataTask,
  type DataUser,
  type Kind,
  MOST_ITEMS,
} from "./schema.ts";

/** An item of a payload, with its place in the answer. */
export type Item =
  | { readonly at: number; readonly kind: "user"; readonly given: DataUser }
  | { readonly at: number; readonly kind: "project"; readonly given: DataProject }
  | { readonly at: number; readonly kind: "task"; readonly given: DataTask }
  | { readonly at: number; readonly kind: "assignee"; readonly given: DataAssignee }
  | { readonly at: number; readonly kind: "link"; readonly given: DataLink }
  | { readonly at: number; readonly kind: "deleted"; readonly given: { readonly external_id: string } };

/** What kind of thing an item is: `deleted` names tasks. */
export const kindOf = ({ kind }: Pick<Item, "kind">): Kind => (kind === "deleted" ? "task" : kind);

/** How records are found: an external id is unique among things of its kind. */
export const keyOf = (kind: Kind, external_id: string) => `${kind} ${external_id}`;

/** The items of a payload in the order of the answer. @throws StoaError `validation_failed` for too many. */
export function itemsOf(payload: DataSave): Item[] {
  const { users = [], projects = [], tasks = [], assignees = [], links = [], deleted = [] } = payload;
  const items = [
    ...users.map((given) => ({ kind: "user" as const, given })),
    ...projects.map((given) => ({ kind: "project" as const, given })),
    ...tasks.map((given) => ({ kind: "task" as const, given })),
    ...assignees.map((given) => ({ kind: "assignee" as const, given })),
    ...links.map((given) => ({ kind: "link" as const, given })),
    ...deleted.map((external_id) => ({ kind: "deleted" as const, given: { external_id } })),
  ].map((item, at): Item => ({ ...item, at }));
  if (items.length > MOST_ITEMS) {
    const message = `These are ${items.length} items; send at most ${MOST_ITEMS} together.`;
    throw new StoaError("validation_failed", { errors: [{ path: "", message }] });
  }
  return items;
}

/** The items whose external id stands in the payload more than once: none of them is guessed to be the right one. */
export function repeated(items: readonly Item[]): Set<Item> {
  const seen = Map.groupBy(items, (item) => keyOf(kindOf(item), item.given.external_id));
  return new Set([...seen.values()].filter((same) => same.length > 1).flat());
}

/**
 * The items in an order in which each comes after what it refers to: parents before their subtasks, and what is below a
 * task that is to be deleted before it (see `levels`). Tasks that are parts of each other come last.
 *
 * @param levels how deep a task to be deleted lies, by external id
 */
export function inOrder(items: readonly Item[], levels: ReadonlyMap<string, number>): Item[] {
  const order = ["user", "project", "task", "assignee", "link", "deleted"];
  const depths = depthsOf(items);
  const depth = ({ kind, given: { external_id } }: Item) =>
    kind === "task" ? (depths.get(external_id) ?? 0) : kind === "deleted" ? -(levels.get(external_id) ?? 0) : 0;
  return items.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || depth(a) - depth(b) || a.at - b.at);
}

/** The external ids of tasks that are, as the payload says it, parts of themselves: at once, or by way of other tasks. */
export function inCircles(items: readonly Item[]): Set<string> {
  const parents = parentsIn(items);
  const endless = [...depthsOf(items)].flatMap(([id, depth]) => (depth === Number.POSITIVE_INFINITY ? [id] : []));
  const found = new Set<string>();
  for (const start of endless) {
    const path = new Set<string>();
    let at: string | null | undefined = start;
    while (typeof at === "string" && !path.has(at) && !found.has(at)) {
      path.add(at);
      at = parents.get(at);
    }
    const circle = [...path];
    if (typeof at === "string" && path.has(at)) for (const id of circle.slice(circle.indexOf(at))) found.add(id);
  }
  return found;
}

/** How many tasks of the payload each task lies below; endlessly many in a circle. */
function depthsOf(items: readonly Item[]): Map<string, number> {
  const parents = parentsIn(items);
  const depths = new Map<string, number>();
  for (const start of parents.keys()) {
    const path: string[] = [];
    const onPath = new Set<string>();
    let at: string | null | undefined = start;
    while (typeof at === "string" && parents.has(at) && !depths.has(at) && !onPath.has(at)) {
      onPath.add(at);
      path.push(at);
      at = parents.get(at);
    }
    const circle = typeof at === "string" && onPath.has(at);
    let depth = circle ? Number.POSITIVE_INFINITY : typeof at === "string" ? (depths.get(at) ?? -1) : -1;
    for (const one of path.toReversed()) depths.set(one, ++depth);
  }
  return depths;
}

/** The parent of each task, by external ids. */
const parentsIn = (items: readonly Item[]) =>
  new Map(
    items.flatMap(({ kind, given }) => (kind === "task" ? [[given.external_id, given.parent ?? null] as const] : [])),
  );
