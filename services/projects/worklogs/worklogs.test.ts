import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId } from "@stoa/db";
import type { Page } from "@stoa/http";
import type { Problem } from "@stoa/testing";
import type { Project } from "../projects/schema.ts";
import type { TaskLogEntry } from "../tasks/schema.ts";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import type { Worklog } from "./schema.ts";

let team: Team;
let project_id: string;
beforeAll(async () => {
  team = await startTeam();
  project_id = (await team.project("Work")).id;
});
afterAll(() => team.close());

const make = (body: object = {}) => team.task(team.ada, { project_id, ...body });
const record = <T = Worklog>(task_id: string, body: unknown, as: Person = team.ada, headers = {}) =>
  team.ask<T>("POST", `/tasks/${task_id}/worklogs`, { as, body, headers });
const change = <T = Worklog>(entry: Worklog, body: unknown, as: Person = team.ada, method = "PATCH") =>
  team.ask<T>(method, `/tasks/${entry.task_id}/worklogs/${entry.id}`, { as, body });
const remove = (entry: Worklog, as: Person = team.ada) =>
  team.ask("DELETE", `/tasks/${entry.task_id}/worklogs/${entry.id}`, { as });
const list = async (task_id: string, query = "", as: Person = team.linus) =>
  (await team.ask<Page<Worklog>>("GET", `/tasks/${task_id}/worklogs${query}`, { as })).body;
const logged = async (id: string) => (await team.read(id)).logged_minutes;

describe("POST /tasks/{id}/worklogs", () => {
  test("answers 201 with the entry; the task shows the sum and keeps its version, as it does in lists", async () => {
    const task = await make();
    const { status, headers, body } = await record(
      task.id,
      { minutes: 45, note: "Read it again", spent_on: "2026-11-19" },
      team.grace,
    );
    expect([status, headers.get("location")]).toEqual([201, `/api/v1/tasks/${task.id}/worklogs/${body.id}`]);
    expect(body).toEqual({
      id: body.id,
      task_id: task.id,
      user_id: team.grace.user_id,
      minutes: 45,
      note: "Read it again",
      spent_on: "2026-11-19",
      created_at: body.created_at,
      updated_at: body.created_at,
    });
    await record(task.id, { minutes: 15 });
    expect(await team.read(task.id)).toEqual({ ...task, logged_minutes: 60 });
    for (const query of [`project_id=${project_id}`, `project_id=${project_id}&sort=priority&limit=100`]) {
      const { items } = (await team.ask<Page<typeof task>>("GET", `/tasks?${query}`, { as: team.linus })).body;
      expect(items.find(({ id }) => id === task.id)?.logged_minutes).toBe(60);
    }
  });

  test("appends worklog.recorded about the task, and the task's log shows it", async () => {
    const { id, key } = await make();
    await record(id, { minutes: 5 });
    const { body } = await record(id, { minutes: 30, spent_on: "2026-11-02" }, team.grace);
    const changes = [
      { field: "minutes", from: null, to: 30 },
      { field: "spent_on", from: null, to: "2026-11-02" },
      { field: "logged_minutes", from: 5, to: 35 },
    ];
    expect(await team.lastEvent(id)).toEqual({
      type: "worklog.recorded",
      actor_id: team.grace.user_id,
      data: {
        task_id: id,
        project_id,
        key,
        title: "A task",
        version: 1,
        worklog_id: body.id,
        user_id: team.grace.user_id,
        minutes: 30,
        spent_on: "2026-11-02",
        changes,
      },
    });
    const logs = await team.ask<Page<TaskLogEntry>>("GET", `/tasks/${id}/logs?limit=1`, { as: team.linus });
    expect(logs.body.items[0]).toMatchObject({ type: "worklog.recorded", actor_id: team.grace.user_id, changes });
  });

  test.each([
    ["Pacific/Kiritimati", "2026-11-20T10:30:00.000Z", "2026-11-21"],
    ["America/Los_Angeles", "2026-11-20T07:59:00.000Z", "2026-11-19"],
    ["UTC", "2026-11-20T23:59:59.999Z", "2026-11-20"],
  ])("without a day it was done today, by the calendar of the project: %s", async (timezone, now, day) => {
    const { body } = await team.ask<Project>("POST", "/projects", { as: team.ada, body: { name: "Zone", timezone } });
    const task = await team.task(team.ada, { project_id: body.id });
    team.setClock(now);
    const today = await record(task.id, { minutes: 1 });
    const named = await record(task.id, { minutes: 1, spent_on: "2026-11-12" });
    team.setClock(undefined);
    expect([today.body.spent_on, named.body.spent_on]).toEqual([day, "2026-11-12"]);
    await team.ask("PATCH", `/projects/${body.id}`, { as: team.ada, body: { timezone: "Asia/Tokyo" } });
    expect((await list(task.id, "", team.ada)).items.map(({ spent_on }) => spent_on)).toEqual(["2026-11-12", day]);
  });

  test("is for developers and assignees: 401, 403 and 404 for the others; a superuser may", async () => {
    const { grace, linus, eve, root } = team;
    const { id } = await make();
    const statuses = (to: string) =>
      team.statuses("POST", `/tasks/${to}/worklogs`, [null, eve, linus, grace, root], { minutes: 1 });
    expect(await statuses(id)).toEqual([401, 403, 403, 201, 201]);
    expect(await statuses((await make({ assignee_ids: [linus.user_id] })).id)).toEqual([401, 403, 201, 201, 201]);
    expect(await statuses(newId())).toEqual([401, 404, 404, 404, 404]);
    await team.ask("DELETE", `/tasks/${id}`, { as: grace });
    expect(await statuses(id)).toEqual([401, 404, 404, 404, 404]);
    const mine = await team.task(grace, {});
    expect(await statuses(mine.id)).toEqual([401, 403, 403, 201, 201]);
    expect(await logged(id)).toBe(2);
  });

  test.each([
    ["no minutes", {}, "/minutes"],
    ["no time at all", { minutes: 0 }, "/minutes"],
    ["more than a week", { minutes: 10_001 }, "/minutes"],
    ["half a minute", { minutes: 1.5 }, "/minutes"],
    ["a note too long", { minutes: 1, note: "x".repeat(2_001) }, "/note"],
    ["a day that is none", { minutes: 1, spent_on: "2026-02-30" }, "/spent_on"],
    ["a time instead of a day", { minutes: 1, spent_on: "2026-02-20T00:00:00Z" }, "/spent_on"],
    ["a day before 1970", { minutes: 1, spent_on: "0000-01-01" }, "/spent_on"],
    ["a day after 2199", { minutes: 1, spent_on: "9999-12-31" }, "/spent_on"],
    ["someone else's work", { minutes: 1, user_id: newId() }, "/user_id"],
  ])("422 for %s, naming the field", async (_, body, path) => {
    const answer = await record<Problem>((await make()).id, body);
    expect([answer.status, answer.body.errors?.map((error) => error.path)]).toEqual([422, [path]]);
  });

  test("the same Idempotency-Key records once, however many ask at once", async () => {
    const { id } = await make();
    const headers = { "idempotency-key": newId() };
    const answers = await Promise.all(Array.from({ length: 8 }, () => record(id, { minutes: 7 }, team.ada, headers)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    expect(await logged(id)).toBe(7);
  });
});

describe("GET /tasks/{id}/worklogs", () => {
  test("lists everyone's, the latest first, page by page; 401, 403, 404 for those who may not", async () => {
    const { ada, grace, linus, eve, root } = team;
    const { id } = await make();
    for (const [index, as] of [ada, grace, ada].entries()) await record(id, { minutes: index + 1 }, as);
    const first = await list(id, "?limit=2&count=true");
    expect([first.items.map(({ minutes }) => minutes), first.total]).toEqual([[3, 2], 3]);
    const second = await list(id, `?limit=2&cursor=${first.next_cursor}`);
    expect([second.items.map(({ minutes }) => minutes), second.next_cursor]).toEqual([[1], null]);
    expect(await team.statuses("GET", `/tasks/${id}/worklogs`, [null, eve, linus, root])).toEqual([401, 403, 200, 200]);
    expect(await team.statuses("GET", `/tasks/${newId()}/worklogs`, [ada])).toEqual([404]);
  });
});

describe.each(["PATCH", "PUT"])("%s /tasks/{id}/worklogs/{worklog_id}", (method) => {
  test("changes what it names; the sum follows; the event says from and to", async () => {
    const { id } = await make();
    await record(id, { minutes: 100 });
    const { body: entry } = await record(id, { minutes: 30, note: "Old", spent_on: "2026-11-02" }, team.grace);
    const { status, body } = await change(entry, { minutes: 20, note: null }, team.grace, method);
    expect([status, body]).toEqual([200, { ...entry, minutes: 20, note: null, updated_at: body.updated_at }]);
    expect(await logged(id)).toBe(120);
    const { type, data } = await team.lastEvent(id);
    expect([type, data["minutes"], data["changes"]]).toEqual([
      "worklog.changed",
      20,
      [
        { field: "minutes", from: 30, to: 20 },
        { field: "note", from: "Old", to: null },
        { field: "logged_minutes", from: 130, to: 120 },
      ],
    ]);
    await change(entry, { spent_on: "2026-11-03" }, team.grace, method);
    expect((await team.lastEvent(id)).data["changes"]).toEqual([
      { field: "spent_on", from: "2026-11-02", to: "2026-11-03" },
    ]);
  });

  test("an entry sent back as it was fetched changes nothing; 422 for a read-only field that differs", async () => {
    const { id } = await make();
    const { body: entry } = await record(id, { minutes: 30 });
    expect((await change(entry, entry, team.ada, method)).body).toEqual(entry);
    expect(await team.journal(id)).toHaveLength(2);
    const answer = await change<Problem>(entry, { user_id: team.grace.user_id, spent_on: null }, team.ada, method);
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([422, "/spent_on"]);
    expect((await change(entry, { user_id: team.grace.user_id }, team.ada, method)).status).toBe(422);
    expect((await change(entry, { spent_on: "0000-01-01" }, team.ada, method)).status).toBe(422);
  });

  test("one's own alone: 403 for owners, superusers and those who may no longer work on it, 404 for what is not there", async () => {
    const { ada, grace, linus, eve, root } = team;
    const task = await make({ assignee_ids: [linus.user_id] });
    const { body: entry } = await record(task.id, { minutes: 30 }, linus);
    const path = `/tasks/${task.id}/worklogs/${entry.id}`;
    expect(await team.statuses(method, path, [null, eve, grace, ada, root, linus], { minutes: 31 })).toEqual([
      401, 403, 403, 403, 403, 200,
    ]);
    const other = await make({ assignee_ids: [linus.user_id] });
    expect((await change({ ...entry, task_id: other.id }, { minutes: 1 }, linus, method)).status).toBe(404);
    expect((await change({ ...entry, id: newId() }, { minutes: 1 }, linus, method)).status).toBe(404);
    await team.ask("PUT", `/tasks/${task.id}/assignees`, { as: ada, body: { user_ids: [] } });
    expect((await change(entry, { minutes: 1 }, linus, method)).status).toBe(403);
  });
});

describe("DELETE /tasks/{id}/worklogs/{worklog_id}", () => {
  test("takes the entry off, and its minutes off the sum", async () => {
    const { id } = await make();
    await record(id, { minutes: 10 });
    const { body: entry } = await record(id, { minutes: 30, spent_on: "2026-11-02" }, team.grace);
    expect((await remove(entry, team.grace)).status).toBe(204);
    expect([await logged(id), (await list(id)).items.length]).toEqual([10, 1]);
    expect(await team.lastEvent(id)).toMatchObject({
      type: "worklog.removed",
      data: {
        worklog_id: entry.id,
        changes: [
          { field: "minutes", from: 30, to: null },
          { field: "spent_on", from: "2026-11-02", to: null },
          { field: "logged_minutes", from: 40, to: 10 },
        ],
      },
    });
    expect((await remove(entry, team.grace)).status).toBe(404);
  });

  test("one's own alone", async () => {
    const { ada, grace, linus, eve, root } = team;
    const { body } = await record((await make()).id, { minutes: 1 }, grace);
    const path = `/tasks/${body.task_id}/worklogs/${body.id}`;
    expect(await team.statuses("DELETE", path, [null, eve, linus, ada, root, grace, grace])).toEqual([
      401, 403, 403, 403, 403, 204, 404,
    ]);
  });
});

test("every route takes a fixed number of statements, whatever the log holds", async () => {
  const { id } = await make();
  for (let round = 0; round < 2; round++) {
    let entry: Worklog | undefined;
    const recorded = await team.statementsOf(async () => {
      entry = (await record(id, { minutes: 1, spent_on: "2026-11-02" })).body;
    });
    // The task; the event, the entry, the sum, the answer.
    expect(recorded).toHaveLength(5);
    if (!entry) throw new Error("Nothing was recorded.");
    const { ...one } = entry;
    // The task and the entry; the event, the entry, the sum, the answer.
    expect(await team.statementsOf(() => change(one, { minutes: 2 }))).toHaveLength(6);
    expect(await team.statementsOf(() => list(id))).toHaveLength(2);
    expect(await team.statementsOf(() => remove(one))).toHaveLength(5);
  }
});
