import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import type { Task } from "./schema.ts";

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.close());

const post = (as: Person, body: unknown) => team.ask<Task>("POST", "/tasks", { as, body });

describe("POST /tasks", () => {
  test("answers 201 with the whole task, its place and its version", async () => {
    const { ada, grace, linus } = team;
    const project = await team.project("Alpha");
    const { status, headers, body } = await post(ada, {
      title: "  Write it down ",
      description: "All of it",
      status: "in_progress",
      priority: "urgent",
      project_id: project.id,
      assignee_ids: [linus.user_id, grace.user_id, linus.user_id],
      start_at: "2026-12-02T12:00:00+02:00",
      due_at: "2026-12-01T12:00:00+02:00",
      labels: ["docs", "now", "docs"],
      estimate_minutes: 90,
    });
    expect(status).toBe(201);
    expect(headers.get("location")).toBe(`/api/v1/tasks/${body.id}`);
    expect(headers.get("etag")).toBe('"1"');
    expect(body).toEqual({
      id: body.id,
      key: "ALP-1",
      project_id: project.id,
      parent_id: null,
      number: 1,
      title: "Write it down",
      description: "All of it",
      status: "in_progress",
      priority: "urgent",
      creator_id: ada.user_id,
      assignee_ids: [linus.user_id, grace.user_id],
      labels: ["docs", "now"],
      start_at: "2026-12-02T10:00:00.000Z",
      due_at: "2026-12-01T10:00:00.000Z",
      estimate_minutes: 90,
      logged_minutes: 0,
      rank: "i000000001",
      is_blocked: false,
      version: 1,
      created_at: body.created_at,
      updated_at: body.created_at,
      started_at: body.created_at,
      completed_at: null,
      deleted_at: null,
    });
    expect(await team.read(body.id)).toEqual(body);
  });

  test("fills in what is left out", async () => {
    const task = await team.task(team.ada, { project_id: (await team.project()).id });
    expect(task).toMatchObject({
      status: "pending",
      priority: "medium",
      description: null,
      assignee_ids: [],
      labels: [],
      start_at: null,
      due_at: null,
      estimate_minutes: null,
      started_at: null,
    });
  });

  test("appends task.created with key, assignees and what was given", async () => {
    const { ada, grace } = team;
    const project = await team.project("Events");
    const task = await team.task(ada, { title: "Said", project_id: project.id, assignee_ids: [grace.user_id] });
    expect(await team.lastEvent(task.id)).toEqual({
      type: "task.created",
      actor_id: ada.user_id,
      data: {
        task_id: task.id,
        project_id: project.id,
        key: "EVE-1",
        title: "Said",
        version: 1,
        status: "pending",
        priority: "medium",
        assignee_ids: [grace.user_id],
        changes: [
          { field: "title", from: null, to: "Said" },
          { field: "status", from: null, to: "pending" },
          { field: "priority", from: null, to: "medium" },
          { field: "assignee_ids", from: null, to: [grace.user_id] },
        ],
      },
    });
  });

  test("without a project it is personal: no key, no number, nobody else's", async () => {
    const { ada, grace, root } = team;
    const { status, body } = await post(ada, { title: "Mine", assignee_ids: [ada.user_id] });
    expect([status, body.key, body.number, body.project_id]).toEqual([201, null, null, null]);
    expect(await team.statuses("GET", `/tasks/${body.id}`, [ada, grace, root, null])).toEqual([200, 403, 200, 401]);
    expect((await team.lastEvent(body.id)).data).toMatchObject({ key: null, project_id: null });
    expect((await post(ada, { title: "Theirs", assignee_ids: [grace.user_id] })).status).toBe(422);
  });

  test("300 at once, with keys and assignees: numbers without a gap, ranks in the same order", async () => {
    const { ada, grace, linus } = team;
    const project = await team.project();
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        team.ask<Task>("POST", "/tasks", {
          as: index % 2 === 0 ? ada : grace,
          body: { title: `Task ${index}`, project_id: project.id, assignee_ids: [grace.user_id, linus.user_id] },
          headers: { "idempotency-key": `key-${index}` },
        }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    const tasks = answers.map(({ body }) => body).sort((a, b) => (a.number ?? 0) - (b.number ?? 0));
    expect(tasks.map(({ number }) => number)).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
    expect(tasks.map(({ rank }) => rank)).toEqual(tasks.map(({ rank }) => rank).sort());
    const [counted] = await team.db.query(
      sql`select (select count(*) from task_assignees a join tasks t on t.row = a.task_row where t.project_id = ${project.id}) as assignees,
        (select count(*) from journal where aggregate_id = ${project.id} and type = 'task.created') as events`,
    );
    expect(counted).toEqual({ assignees: 600, events: 300 });
  });

  test("the same Idempotency-Key makes one task, however many ask at once; a failed request does not use it up", async () => {
    const { ada } = team;
    const project = await team.project();
    const headers = { "idempotency-key": newId() };
    const ask = (body: object) => team.ask<Task>("POST", "/tasks", { as: ada, body, headers });
    expect((await ask({ title: "" })).status).toBe(422);
    expect((await ask({ title: "X", project_id: newId() })).status).toBe(404);
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask({ title: "Once", project_id: project.id })));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect((await team.task(ada, { project_id: project.id })).number).toBe(2);
  });

  test("can be a subtask of a task of the same project", async () => {
    const { ada } = team;
    const [project, other] = [await team.project(), await team.project()];
    const parent = await team.task(ada, { project_id: project.id });
    expect((await team.task(ada, { project_id: project.id, parent_id: parent.id })).parent_id).toBe(parent.id);
    const mine = await team.task(ada, {});
    expect((await team.task(ada, { parent_id: mine.id })).parent_id).toBe(mine.id);
    for (const body of [
      { title: "X", project_id: other.id, parent_id: parent.id },
      { title: "X", project_id: project.id, parent_id: mine.id },
      { title: "X", project_id: project.id, parent_id: newId() },
      { title: "X", parent_id: parent.id },
    ]) {
      const answer = await team.ask("POST", "/tasks", { as: ada, body });
      expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([422, "/parent_id"]);
    }
  });

  test("writes in one batch and reads nothing before it", async () => {
    const project = await team.project();
    const body = { title: "Lean", project_id: project.id };
    const statements = await team.statementsOf(() => post(team.ada, body));
    // The event, the number, the task, the answer.
    expect(statements).toHaveLength(4);
  });

  test("422 not_a_member for an assignee who is none", async () => {
    const { ada, grace, eve } = team;
    const project = await team.project();
    const assignee_ids = [grace.user_id, eve.user_id];
    const { status, body } = await team.ask("POST", "/tasks", {
      as: ada,
      body: { title: "X", project_id: project.id, assignee_ids },
    });
    expect([status, body.error_code]).toEqual([422, "not_a_member"]);
    expect((await team.task(ada, { project_id: project.id })).number).toBe(1);
  });

  test("401 without a token, 403 for viewers and others, 404 for unknown projects; a superuser may", async () => {
    const { grace, linus, eve, root } = team;
    const { id } = await team.project();
    const body = { title: "X", project_id: id };
    expect(await team.statuses("POST", "/tasks", [null, linus, eve, grace, root], body)).toEqual([
      401, 403, 403, 201, 201,
    ]);
    expect(await team.statuses("POST", "/tasks", [grace], { title: "X", project_id: newId() })).toEqual([404]);
  });

  test.each([
    ["no title", {}, "/title"],
    ["an empty title", { title: " " }, "/title"],
    ["a title too long", { title: "x".repeat(256) }, "/title"],
    ["an unknown status", { title: "X", status: "done" }, "/status"],
    ["an unknown priority", { title: "X", priority: "highest" }, "/priority"],
    ["a time without an offset", { title: "X", due_at: "2026-12-01T12:00:00" }, "/due_at"],
    ["a time before 1970", { title: "X", due_at: "0000-01-01T00:00:00Z" }, "/due_at"],
    ["a start before 1970", { title: "X", start_at: "0001-01-01T00:00:00Z" }, "/start_at"],
    ["a start that is no time", { title: "X", start_at: "soon" }, "/start_at"],
    ["a negative estimate", { title: "X", estimate_minutes: -1 }, "/estimate_minutes"],
    ["half a minute", { title: "X", estimate_minutes: 0.5 }, "/estimate_minutes"],
    ["a label too long", { title: "X", labels: ["x".repeat(51)] }, "/labels/0"],
    ["an assignee that is no id", { title: "X", assignee_ids: ["grace"] }, "/assignee_ids/0"],
    ["an unknown field", { title: "X", colour: "red" }, "/colour"],
  ])("422 for %s, naming the field", async (_, body, path) => {
    const answer = await team.ask("POST", "/tasks", { as: team.ada, body });
    expect([answer.status, answer.body.error_code]).toEqual([422, "validation_failed"]);
    expect(answer.body.errors?.map((error) => error.path)).toEqual([path]);
  });
});
