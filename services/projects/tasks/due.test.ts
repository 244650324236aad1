import { afterEach, beforeEach, expect, test } from "bun:test";
import { raw, sql } from "@stoa/db";
import { rowsOf } from "@stoa/testing";
import { maintain } from "../maintenance.ts";
import { startTeam, type Team } from "../test/team.ts";
import { sayWhatIsDue } from "./due.ts";
import type { Task } from "./schema.ts";

let team: Team;
let project_id: string;
beforeEach(async () => {
  team = await startTeam();
  at(0);
  project_id = (await team.project()).id;
});
afterEach(() => team.close());

const hour = (hours: number) => new Date(Date.parse("2026-11-01T09:00:00.000Z") + hours * 3_600_000).toISOString();
const at = (hours: number) => team.setClock(hour(hours));
const make = (due: number, body: object = {}) => team.task(team.ada, { project_id, due_at: hour(due), ...body });
const change = (id: string, body: object) => team.ask<Task>("PATCH", `/tasks/${id}`, { as: team.ada, body });
const say = () => sayWhatIsDue(team.deps);
const said = async (id: string) =>
  (await team.journal(id))
    .map(({ type }) => type)
    .filter((type) => type === "task.due_soon" || type === "task.overdue");

test("within a day of its end a task is said to be due soon, and past it to be late: each once", async () => {
  const { id, key, version, updated_at } = await make(30, { title: "Land" });
  await say();
  at(5.9);
  await say();
  expect(await said(id)).toEqual([]);
  at(6);
  await say();
  at(20);
  await say();
  expect(await said(id)).toEqual(["task.due_soon"]);
  const { user_id } = team.ada;
  expect(await team.lastEvent(id)).toEqual({
    type: "task.due_soon",
    actor_id: null,
    data: { task_id: id, project_id, key, title: "Land", version, due_at: hour(30), user_ids: [user_id] },
  });
  at(30.1);
  await say();
  await say();
  expect(await said(id)).toEqual(["task.due_soon", "task.overdue"]);
  expect(await team.read(id)).toMatchObject({ version, updated_at });
});

test("after a pause of whatever length it is said to be late, and no longer to be due soon", async () => {
  const { id } = await make(30);
  at(24 * 365);
  await say();
  await say();
  expect(await said(id)).toEqual(["task.overdue"]);
});

test("however many instances look, it is said once", async () => {
  const [one, two] = [await make(1), await make(100)];
  at(99);
  await Promise.all([maintain(team.deps), maintain(team.deps), say(), say()]);
  expect([await said(one.id), await said(two.id)]).toEqual([["task.overdue"], ["task.due_soon"]]);
});

test("another due_at is said anew, the same one not", async () => {
  const { id } = await make(1);
  await say();
  await change(id, { title: "Renamed" });
  await change(id, { due_at: hour(1) });
  await say();
  expect(await said(id)).toEqual(["task.due_soon"]);
  await change(id, { due_at: hour(2) });
  await say();
  at(3);
  await say();
  await change(id, { due_at: hour(4) });
  await say();
  expect(await said(id)).toEqual(["task.due_soon", "task.due_soon", "task.overdue", "task.due_soon"]);
  await change(id, { due_at: null });
  at(9);
  await say();
  expect(await said(id)).toHaveLength(4);
});

test("nothing is said of tasks that are closed or in the trash, of their own or with their project; reopened they count", async () => {
  const [completed, cancelled, trashed] = [await make(1), await make(1), await make(1)];
  await change(completed.id, { status: "completed" });
  await change(cancelled.id, { status: "cancelled" });
  await team.ask("DELETE", `/tasks/${trashed.id}`, { as: team.ada });
  const other = await team.project("Other");
  const within = await make(1, { project_id: other.id });
  await team.ask("DELETE", `/projects/${other.id}`, { as: team.ada });
  at(2);
  await say();
  for (const { id } of [completed, cancelled, trashed, within]) expect(await said(id)).toEqual([]);
  await team.ask("POST", `/tasks/${completed.id}/reopen`, { as: team.ada });
  await team.ask("POST", `/tasks/${trashed.id}/restore`, { as: team.ada });
  await say();
  expect([await said(completed.id), await said(trashed.id)]).toEqual([["task.overdue"], ["task.overdue"]]);
});

test("it concerns the assignees; the creator of a task that has none, as long as they see it", async () => {
  const { ada, grace, eve } = team;
  const whom = async (id: string) => (await team.lastEvent(id)).data["user_ids"];
  const assigned = await make(1, { assignee_ids: [grace.user_id, ada.user_id] });
  const personal = await team.task(eve, { due_at: hour(1) });
  const left = await team.task(grace, { project_id, due_at: hour(2) });
  await say();
  expect(await whom(assigned.id)).toEqual([grace.user_id, ada.user_id]);
  expect(await whom(personal.id)).toEqual([eve.user_id]);
  expect(await whom(left.id)).toEqual([grace.user_id]);
  await team.ask("DELETE", `/projects/${project_id}/users/${grace.user_id}`, { as: ada });
  at(3);
  await say();
  expect([await whom(assigned.id), await whom(left.id)]).toEqual([[ada.user_id], []]);
});

test("what is due is found by an index that holds only what is not said yet, in writes of two hundred", async () => {
  const one = await make(1);
  await team.db.write([
    sql`with recursive n (n) as (select 2 union all select n + 1 from n where n < 450)
      insert into tasks (id, project_id, scope, number, title, status, priority, creator_id, assignee_ids, labels, rank, version,
        created_at, updated_at, due_at)
      select 'task ' || n, project_id, scope, n, title, status, priority, creator_id, assignee_ids, labels, rank || n, 1,
        created_at, updated_at, due_at from n, tasks where id = ${one.id}`,
  ]);
  for (const [hours, index] of [
    [0.5, "tasks_unsaid_soon"],
    [1.5, "tasks_unsaid_late"],
  ] as const) {
    at(hours);
    const statements = await team.statementsOf(say);
    expect(statements.filter((text) => text.startsWith("update tasks"))).toHaveLength(3);
    const plans = await Promise.all(
      statements
        .filter((text) => text.startsWith("select"))
        .map((text) => rowsOf<{ detail: string }>(team.db, raw(`explain query plan ${text.replaceAll("?", "1")}`))),
    );
    const found = plans.map((plan) => plan.map(({ detail }) => detail).join("; "));
    expect(
      found.some(
        (detail) =>
          detail.includes(`SEARCH t USING INDEX ${index}`) || detail.includes(`USING COVERING INDEX ${index}`),
      ),
    ).toBe(true);
    expect(found.every((detail) => detail.includes("tasks_unsaid_"))).toBe(true);
  }
  // When nothing is due, the indexes have nothing to look at, and nothing is written.
  expect((await team.statementsOf(say)).length).toBe(2);
  const counted = sql`select type, count(*) as n from journal where type in ('task.due_soon', 'task.overdue') group by type`;
  expect(await rowsOf(team.db, counted)).toEqual([
    { type: "task.due_soon", n: 450 },
    { type: "task.overdue", n: 450 },
  ]);
});
