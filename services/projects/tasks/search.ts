import type { Actor } from "@stoa/auth";
import { all, pickColumns, raw, type Sql, select, sql } from "@stoa/db";
import { countHits, type OtherRows, type Rows, searchFor } from "@stoa/db/search/index";
import { readFound } from "@stoa/http/list/found-page";
import { EXACT_TO, mapItems, type Page, pagePlan } from "@stoa/http/list/index";
import { alias } from "drizzle-orm/sqlite-core";
import type { ListDeps } from "../deps.ts";
import { conditionsOf } from "./filter.ts";
import { rowsWithKey } from "./keys.ts";
import { shapeTask } from "./row.ts";
import { Task, type TasksQuery } from "./schema.ts";
import { searchedTasks } from "./searched.ts";
import { orderOf } from "./sort.ts";
import { tasks } from "./table.ts";

const t = alias(tasks, "t");
const columns = { ...pickColumns(t, Task.properties), row: t.row, priority_order: t.priority_order };

type Found = TasksQuery & { readonly q: string };

/**
 * The tasks with some words in title or description, or with a key, as far as the user sees them: newest first, in pages
 * that may be short or empty and go on all the same. Under another sort pages are full, and all that is found is sorted
 * for each, off the event loop.
 *
 * @throws StoaError `invalid_cursor`.
 */
export async function searchTasks(deps: ListDeps, actor: Actor, query: Found): Promise<Page<Task>> {
  const { db, now } = deps;
  const { limit = 50, cursor, skip, count, sort = "-created_at", q, ...filter } = query;
  const newestFirst = sort === "-created_at";
  const plan = pagePlan(deps.cursor_key, query, {
    name: "found tasks",
    filters: { actor: actor.user_id, sort, q, ...filter },
    order: newestFirst ? [{ column: "t.row", direction: "desc" }] : orderOf(sort),
  });
  const search = await searchFor(db, searchedTasks, "t", q, tasksOfKey);
  const searching = { search, where: all(conditionsOf(actor, { deleted: false, ...filter }, now())) };
  if (newestFirst) return mapItems(await readFound(db, plan, limit, { ...searching, columns }), shape);
  const total = plan.count ? countHits(db, searching, EXACT_TO + 1) : undefined;
  const page = sql`${search.fromAll()} and ${all([searching.where, plan.where])}
    order by ${plan.order} limit ${plan.limit}`;
  return mapItems(plan.finish(await db.scan(select(columns, page)), await total), shape);
}

const shape = ({
  row,
  priority_order,
  ...task
}: Parameters<typeof shapeTask>[0] & Record<"row" | "priority_order", number>) => shapeTask(task);

/** A word that is a key, or how one begins (`APP-1`), finds the tasks of such keys too. */
const tasksOfKey: OtherRows = (word) => {
  const rows = rowsWithKey(word, "beginning");
  return (
    rows && ((window?: Rows): Sql => rows(window ? sql`k.row > ${window.above} and k.row <= ${window.upTo}` : raw("1")))
  );
};
