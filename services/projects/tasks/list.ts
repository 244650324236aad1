import type { Actor } from "@stoa/auth";
import { all, field, listed, pickColumns, prepare, raw, type Sql, sql } from "@stoa/db";
import { mapItems, type Page, type PagePlan, pagePlan, readPage } from "@stoa/http/list/index";
import { and, desc, eq, exists, isNull, or, placeholder } from "drizzle-orm";
import { alias, QueryBuilder } from "drizzle-orm/sqlite-core";
import { accessible, projectsOf } from "../access.ts";
import type { ListDeps } from "../deps.ts";
import { members } from "../members/table.ts";
import { organizationMembers } from "../organizations/table.ts";
import { counters, projects } from "../projects/table.ts";
import { conditionsOf, fewTasks, filtersOf } from "./filter.ts";
import { shapeTask, taskColumns } from "./row.ts";
import { Task, type TasksQuery } from "./schema.ts";
import { searchTasks } from "./search.ts";
import { orderOf } from "./sort.ts";
import { tasks } from "./table.ts";

const t = alias(tasks, "t");
/** Those of the answer, and what a sort by priority goes by. */
const columns = { ...pickColumns(t, Task.properties), priority_order: t.priority_order };

/**
 * The tasks that the user sees, newest first unless a sort is named: those of their projects and their own personal
 * ones (a superuser: all).
 *
 * @throws StoaError `invalid_cursor`.
 */
export async function listTasks(deps: ListDeps, actor: Actor, query: TasksQuery): Promise<Page<Task>> {
  if (isSearch(query)) return searchTasks(deps, actor, query);
  const { db, cursor_key, now } = deps;
  const { limit, cursor, skip, count, sort = "-created_at", ...filter } = query;
  const plan = pagePlan(cursor_key, query, {
    name: "tasks",
    filters: { actor: actor.user_id, sort, ...filter },
    order: orderOf(sort),
  });
  const only = onlyProject(actor, query);
  if (only !== undefined) {
    const newest = newestOfProject({ project_id: only, user_id: actor.user_id, size: plan.size });
    return mapItems(plan.finish(await db.query(newest)), shapeTask);
  }
  const { project_id, ...besides } = filter;
  const few = await fewTasks(db, actor, filter);
  const source = {
    columns,
    from: few ? sql`(${few}) few cross join ${t} on t.row = few.row` : sql`${t}`,
    where: all(conditionsOf(actor, filter, now())),
    scans: scans(query),
    ...(!few &&
      isOfManyProjects(actor, query) && {
        page: pageOfManyProjects(
          plan,
          placesOf(actor, query),
          all(filtersOf(actor, besides, now())),
          isUpwards(query) ? "asc" : "desc",
        ),
      }),
  };
  return readPage(db, plan, source, ({ priority_order, ...row }) => shapeTask(row));
}

function isSearch(query: TasksQuery): query is TasksQuery & { q: string } {
  return query.q !== undefined;
}

/** The project of the read that clients do most: its newest tasks, nothing else asked. That is prepared once. */
function onlyProject(actor: Actor, query: TasksQuery): string | undefined {
  return !actor.is_superuser && isOfOne(query) && asksOnly(query, ["project_id", "limit"])
    ? query.project_id?.[0]
    : undefined;
}

const isOfOne = ({ project_id }: TasksQuery) => project_id?.length === 1;

/**
 * Of all projects of someone, or of several, in the order in which it was made. A superuser sees all: there the plain order
 * is best.
 */
function isOfManyProjects(actor: Actor, query: TasksQuery): boolean {
  if (!isInOrder(query) || query.deleted === true) return false;
  return query.project_id === undefined ? !actor.is_superuser : !isOfOne(query);
}

/** Selects the projects whose tasks are listed, as `project_id`; the user stands for their personal tasks. */
function placesOf(actor: Actor, { project_id }: TasksQuery): Sql {
  if (project_id === undefined) return sql`${projectsOf(actor.user_id, "read")} union select ${actor.user_id}`;
  return sql`select id as project_id from projects
    where id in ${listed(project_id)} and ${accessible(actor, "read", raw("id"))}`;
}

/** Whether a page may look at many more tasks than it shows: all but those that an index has in their order. */
function scans(query: TasksQuery): boolean {
  if (!asksOnly(query, ["project_id", "sort", "limit", "cursor", "count"])) return true;
  return !isOfOne(query) && !isInOrder(query);
}

const isUpwards = ({ sort }: TasksQuery) => sort === "created_at";
const isInOrder = (query: TasksQuery) => (query.sort ?? "-created_at") === "-created_at" || isUpwards(query);

function asksOnly(query: TasksQuery, names: readonly string[]): boolean {
  return Object.entries(query).every(
    ([name, value]) => value === undefined || (value === false && name === "count") || names.includes(name),
  );
}

/** The first page of a project, newest first; empty for whoever does not see it. Values: `project_id, user_id, size`. */
const newestOfProject = prepare(
  new QueryBuilder()
    .select(taskColumns)
    .from(tasks)
    .where(
      and(
        eq(
          tasks.scope,
          new QueryBuilder()
            .select({ row: counters.row })
            .from(counters)
            .where(eq(counters.scope_id, placeholder("project_id"))),
        ),
        isNull(tasks.deleted_at),
        or(
          exists(
            new QueryBuilder()
              .select({ one: field<number>("1", "one") })
              .from(members)
              .where(
                and(eq(members.project_id, placeholder("project_id")), eq(members.user_id, placeholder("user_id"))),
              ),
          ),
          exists(
            new QueryBuilder()
              .select({ one: field<number>("1", "one") })
              .from(projects)
              .innerJoin(organizationMembers, eq(organizationMembers.organization_id, projects.organization_id))
              .where(
                and(
                  eq(projects.id, placeholder("project_id")),
                  eq(organizationMembers.user_id, placeholder("user_id")),
                ),
              ),
          ),
        ),
      ),
    )
    .orderBy(desc(tasks.row))
    .limit(placeholder("size")),
);

/**
 * A page of the tasks of many projects, in the order in which they were made. It takes a page's worth from each
 * project's index and the best of these, so that it costs as much as there are projects, not as much as these have tasks.
 *
 * @param places selects the projects as `project_id`
 */
function pageOfManyProjects(plan: PagePlan, places: Sql, filters: Sql, direction: "asc" | "desc"): Sql {
  const enough = plan.size + plan.offset;
  const best = (where: Sql) => sql`select t.row from tasks t
    where ${where} and ${filters} and ${plan.where} order by t.row ${raw(direction)} limit ${enough}`;
  return sql`from ${t} where t.row in (
      select near.row from (${places}) m
        join counters c on c.scope_id = m.project_id
        join tasks near on near.row in (${best(raw("t.scope = c.row"))}))
    order by ${plan.order} limit ${plan.limit}`;
}
