import { afterAll, beforeAll, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { planOf, rowsOf } from "@stoa/testing";
import { maintain } from "../maintenance.ts";
import { importer, newSource } from "../test/importer.ts";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import { listTasks } from "./list.ts";
import type { Task, TasksQuery } from "./schema.ts";

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.close());

/** The tasks that do not have the row of the counter of their project, or of their creator, as scope. */
const astray = () =>
  rowsOf(
    team.db,
    sql`select t.title from tasks t left join counters c on c.scope_id = coalesce(t.project_id, t.creator_id)
      where c.row is null or t.scope is not c.row`,
  );

test("whatever makes or moves a task writes where it belongs: its project's counter, or its creator's", async () => {
  const { save } = importer(team);
  const [project, other] = [await team.project(), await team.project()];
  const shared = await team.task(team.ada, { project_id: project.id });
  const own = await team.task(team.ada, { title: "Mine" });
  const below = await team.task(team.ada, { title: "Below", parent_id: own.id });
  await save({ source: newSource(), tasks: [{ external_id: "t", title: "The first of Linus" }] }, team.linus);
  await save({
    source: newSource(),
    projects: [{ external_id: "p", name: "Brought" }],
    tasks: [
      { external_id: "t1", project: "p", title: "One" },
      { external_id: "t2", title: "Mine too" },
    ],
  });
  for (const { id } of [shared, own]) {
    const { status } = await team.ask("PATCH", `/tasks/${id}`, { as: team.ada, body: { project_id: other.id } });
    expect(status).toBe(200);
  }
  expect((await team.read(below.id)).project_id).toBe(other.id);
  expect(await rowsOf<{ n: number }>(team.db, sql`select count(*) as n from tasks`)).toEqual([{ n: 6 }]);
  expect(await astray()).toEqual([]);
});

test("the number of an erased user's counter is free again, and shows nobody what was theirs", async () => {
  const [gone, next] = [await team.person("gone"), await team.person("next")];
  await team.task(gone, { title: "Secret" });
  const [last] = await rowsOf<{ row: number }>(team.db, sql`select max(row) as row from counters`);
  await team.apply("user.erased", { user_id: gone.user_id, session_ids: [] });
  await maintain(team.deps);
  const { id } = await team.task(next, { title: "Of the next" });
  expect(await rowsOf(team.db, sql`select scope as row from tasks where id = ${id}`)).toEqual([last]);
  const { body } = await team.ask<{ items: Task[] }>("GET", "/tasks", { as: next });
  expect(body.items.map((task) => task.id)).toEqual([id]);
  expect(await astray()).toEqual([]);
});

/** By which indexes, and which of their columns, a list seeks tasks. */
async function sought(as: Person, query: TasksQuery): Promise<string[]> {
  const steps = await planOf(team.db, (db) => listTasks({ ...team.deps, db }, as.actor, query));
  return steps.flatMap((step) => /SEARCH (?:t|tasks) USING INDEX (tasks_.*)/.exec(step)?.[1] ?? []);
}

test("lists seek what they show by the scope, also where somebody made very many tasks, or none", async () => {
  const project_id = [(await team.project()).id];
  const { ada, eve } = team;
  expect(await sought(ada, { project_id })).toEqual(["tasks_created (scope=?)"]);
  for (const sort of ["updated_at", "priority", "rank", "due_at"] as const) {
    const index = `tasks_${sort.replace("_at", "")} (scope=?)`;
    expect([sort, await sought(ada, { project_id, sort })]).toEqual([sort, [index]]);
  }
  // Of all projects and their own tasks: not by the creator of what they see.
  expect(await sought(ada, {})).toEqual(["tasks_created (scope=?)"]);
  expect(await sought(ada, { is_blocked: true })).toEqual(["tasks_is_blocked (scope=?)"]);
  // Of several projects each is read for itself, in order, also of a superuser's.
  const several = [...project_id, (await team.project()).id];
  for (const as of [ada, team.root]) {
    expect(await sought(as, { project_id: several })).toEqual(["tasks_created (scope=?)"]);
  }
  expect(await sought(ada, { project_id: several, sort: "rank" })).toEqual(["tasks_created (scope=?)"]);
  const byCreator = ["tasks_creator (creator_id=? AND scope=?)"];
  expect(await sought(ada, { creator_id: [eve.user_id] })).toEqual(byCreator);
  expect(await sought(ada, { project_id, creator_id: [eve.user_id] })).toEqual(byCreator);
});
