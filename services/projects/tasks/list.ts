import type { Actor } from "@stoa/auth";
import { all, sql } from "@stoa/db";
import { mapItems, type Page, pagePlan } from "@stoa/http/list/index";
import type { ListDeps } from "../deps.ts";
import { readPage } from "../read-page.ts";
import { pageOfEverything } from "./everything.ts";
import { conditionsOf, type TaskFilter } from "./filter.ts";
import { readNewest } from "./prepared.ts";
import type { Task } from "./schema.ts";
import { columnsOfTask, type StoredTask, shapeTask } from "./shape.ts";
import { orderOf } from "./sort.ts";

/**
 * The tasks that the asker sees, newest first unless a sort is named: those of their projects and their own personal
 * ones (a superuser: all).
 *
 * @throws StoaError `invalid_cursor`.
 */
export async function listTasks(deps: ListDeps, actor: Actor, filter: TaskFilter): Promise<Page<Task>> {
  const { db, cursor_key, now } = deps;
  const { limit, cursor, skip, count, sort = "-created_at", ...narrowed } = filter;
  const plan = pagePlan(cursor_key, filter, {
    name: "tasks",
    filters: { actor: actor.user_id, sort, ...narrowed },
    order: orderOf(sort),
  });
  if (isFirstPageOfProject(actor, filter)) {
    return plan.finish(await readNewest(db, filter.project_id, actor.user_id, plan.size));
  }
  const mine = all(conditionsOf(actor, narrowed, now()));
  const page = isEverything(actor, filter)
    ? pageOfEverything(actor, plan, sort === "created_at" ? "asc" : "desc")
    : sql`select ${columnsOfTask}, t.priority_order from tasks t
        where ${all([mine, plan.where])} order by ${plan.order} limit ${plan.limit}`;
  const total = sql`select count(*) as total from tasks t where ${mine}`;
  return mapItems(await readPage<StoredTask>(db, plan, page, total), shapeTask);
}

/** The read that clients do most: a project's newest tasks, nothing else asked. It is prepared once. */
function isFirstPageOfProject(actor: Actor, filter: TaskFilter): filter is TaskFilter & { project_id: string } {
  return !actor.is_superuser && filter.project_id !== undefined && asksOnly(filter, ["project_id", "limit"]);
}

/** All that someone sees, in the order in which it was made. A superuser sees everything: there the plain order is best. */
function isEverything(actor: Actor, filter: TaskFilter): boolean {
  const inOrder = filter.sort === undefined || filter.sort === "created_at" || filter.sort === "-created_at";
  return !actor.is_superuser && inOrder && asksOnly(filter, ["sort", "limit", "cursor", "skip", "count"]);
}

function asksOnly(filter: TaskFilter, names: readonly string[]): boolean {
  return Object.entries(filter).every(
    ([name, value]) => value === undefined || (value === false && name === "count") || names.includes(name),
  );
}
