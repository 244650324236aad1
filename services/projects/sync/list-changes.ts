import type { Actor } from "@stoa/auth";
import { all, computed, join, listed, pickColumns, raw, type Sql, sql } from "@stoa/db";
import { type OrderColumn, type Page, type PageRequest, pagePlan, readPage } from "@stoa/http/list/index";
import { alias } from "drizzle-orm/sqlite-core";
import { accessible } from "../access.ts";
import type { ListDeps } from "../deps.ts";
import { conditionsOf, type TaskFilter } from "../tasks/filter.ts";
import { shapeTask } from "../tasks/row.ts";
import { Task, type TasksQuery } from "../tasks/schema.ts";
import { orderOf, type TaskSort } from "../tasks/sort.ts";
import { tasks } from "../tasks/table.ts";
import { lostEverything, seenAsSuperuser } from "./everything.ts";
import type { Tombstone } from "./schema.ts";

const t = alias(tasks, "t");
const columns = {
  ...pickColumns(t, Task.properties),
  priority_order: t.priority_order,
  gone: computed<0 | 1>(raw("t.gone")),
};

/** What a client asks that has read everything before. */
export interface ChangesQuery extends TaskFilter, PageRequest {
  readonly updated_since: string;
  readonly sort?: TaskSort | undefined;
}

/** Whether a list of tasks is one of changes; a search, and one that says which trash it means, is not. */
export function asksForChanges(query: TasksQuery): query is TasksQuery & ChangesQuery {
  return query.updated_since !== undefined && query.deleted === undefined && query.q === undefined;
}

/**
 * What has changed for the user since a moment: each task that shows something else, and a tombstone for each that was
 * deleted, left the projects that were asked for, or left what the user may see. Someone who joined a project since then
 * gets what was there before. Filters other than the projects' narrow the tasks; tombstones come whatever they say, since
 * nothing is known of what is gone.
 *
 * @throws StoaError `invalid_cursor`.
 */
export async function listChanges(
  { db, cursor_key, now }: ListDeps,
  actor: Actor,
  query: ChangesQuery,
): Promise<Page<Task | Tombstone>> {
  const { limit, cursor, skip, count, sort = "-created_at", ...filter } = query;
  const plan = pagePlan(cursor_key, query, {
    name: "changes",
    filters: { actor: actor.user_id, sort, ...filter },
    order: orderOf(sort).map(withTombstones),
  });
  const names = Object.keys(columns).filter((name) => name !== "gone");
  const row = list(names, (name) => `t.${name}`);
  const { project_id, updated_since } = filter;
  const asked = { updated_since, ...(project_id !== undefined && { project_id }) };
  const live = conditionsOf(actor, { ...filter, deleted: false }, now());
  const trashed = [...conditionsOf(actor, asked, now()), raw("t.deleted_at is not null")];
  const here = sql`select ${row}, 0 as gone from ${t} where ${all(live)}
    union all select ${row}, 1 from ${t} where ${all(trashed)}`;
  const away = sql`select ${list(names, (name) => inTombstone[name] ?? "null")}, 1
    from (${gone(actor, asked)}) group by id`;
  const source = { columns, from: sql`(${here} union all ${away}) t`, where: raw("1"), scans: true };
  return readPage(db, plan, source, ({ priority_order, gone: isGone, ...row }) =>
    isGone ? { id: row.id, version: row.version, deleted_at: row.deleted_at ?? "" } : shapeTask(row),
  );
}

/** What a tombstone has of the columns of a task; the others are null. */
const inTombstone: Readonly<Record<string, string>> = {
  id: "id",
  version: "max(version)",
  deleted_at: "max(deleted_at)",
  updated_at: "max(deleted_at)",
};

/** Tombstones have none of what tasks are sorted by but their id and time, and come last. They have no row. */
const withTombstones = (column: OrderColumn): OrderColumn =>
  column.column === "t.row" ? { column: "t.id", direction: column.direction } : { ...column, nullable: true };

const list = (names: readonly string[], expression: (name: string) => string): Sql =>
  join(
    names.map((name) => raw(`${expression(name)} as ${name}`)),
    ", ",
  );

/** Selects what is gone: as `id, version, deleted_at`, the same task perhaps several times. */
function gone(
  actor: Actor,
  { project_id, updated_since: since }: Pick<ChangesQuery, "project_id" | "updated_since">,
): Sql {
  const { user_id } = actor;
  const lost = sql`select project_id from access_changes where user_id = ${user_id} and lost_at >= ${since}`;
  const former = lostEverything(user_id, since);
  const readable = (id: string) => accessible(actor, "read", raw(id));
  const asked =
    project_id === undefined
      ? sql`${readable("s.scope_id")} or s.scope_id = ${user_id} or s.scope_id in (${lost}) or ${former}`
      : sql`s.scope_id in ${listed(project_id)} and (${readable("s.scope_id")} or s.scope_id in (${lost}) or ${former})`;
  const stays =
    project_id === undefined
      ? sql`${readable("x.project_id")} or (x.project_id is null and x.creator_id = ${user_id})`
      : sql`x.project_id in ${listed(project_id)} and ${readable("x.project_id")}`;
  const of = (column: string) => (project_id === undefined ? raw("1") : sql`${raw(column)} in ${listed(project_id)}`);
  return sql`select s.task_id as id, s.version, s.deleted_at from tombstones s
      where s.deleted_at >= ${since} and (${asked})
        and not exists (select 1 from tasks x where x.id = s.task_id and (${stays}))
    union all
    select x.id, x.version, a.lost_at from access_changes a join tasks x on x.project_id = a.project_id
      where a.user_id = ${user_id} and a.lost_at >= ${since} and ${of("a.project_id")} and not (${readable("x.project_id")})
    union all
    select x.id, x.version, x.lost_at from (${seenAsSuperuser(user_id, since)}) x
      where ${of("x.project_id")} and (${stays}) is not true`;
}
