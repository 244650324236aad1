import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import type { Problem } from "@stoa/testing";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import type { Task } from "./schema.ts";

let team: Team;
let project_id: string;
beforeAll(async () => {
  team = await startTeam();
  project_id = (await team.project("Change")).id;
});
afterAll(() => team.close());

const change = <T = Task>(id: string, body: unknown, match?: string, as: Person = team.ada, method = "PATCH") =>
  team.ask<T>(method, `/tasks/${id}`, { as, body, ...(match ? { headers: { "if-match": match } } : {}) });
const make = (body: object = {}) => team.task(team.ada, { project_id, ...body });

describe.each(["PATCH", "PUT"])("%s /tasks/{id}", (method) => {
  test("changes what it names, clears what is null, keeps the rest; the event says from and to", async () => {
    const task = await make({ description: "Old", labels: ["a"], due_at: "2026-12-01T00:00:00Z", estimate_minutes: 5 });
    const { status, headers, body } = await change(
      task.id,
      { title: "New", description: null, labels: null, priority: "high", estimate_minutes: 5 },
      undefined,
      team.grace,
      method,
    );
    expect([status, headers.get("etag")]).toEqual([200, '"2"']);
    expect(body).toEqual({
      ...task,
      title: "New",
      description: null,
      labels: [],
      priority: "high",
      version: 2,
      updated_at: body.updated_at,
    });
    expect(await team.lastEvent(task.id)).toEqual({
      type: "task.updated",
      actor_id: team.grace.user_id,
      data: {
        task_id: task.id,
        project_id,
        key: task.key,
        title: "New",
        version: 2,
        changes: [
          { field: "title", from: "A task", to: "New" },
          { field: "description", from: "Old", to: null },
          { field: "priority", from: "medium", to: "high" },
          { field: "labels", from: ["a"], to: [] },
        ],
      },
    });
    expect(
      await team.db.query(
        sql`select 1 from task_labels where task_row in (select row from tasks where id = ${task.id})`,
      ),
    ).toEqual([]);
  });

  test("a task sent back as it was fetched changes nothing and keeps its version", async () => {
    const task = await make({ assignee_ids: [team.grace.user_id], labels: ["x"] });
    const answer = await change(task.id, task, undefined, team.ada, method);
    expect([answer.status, answer.body]).toEqual([200, task]);
    expect(await team.journal(task.id)).toHaveLength(1);
  });

  test("422 for read-only fields that differ, each named, and for unknown ones", async () => {
    const { id } = await make();
    const body = {
      id: newId(),
      key: "X-1",
      number: 700,
      project_id: null,
      creator_id: newId(),
      rank: "a0",
      logged_minutes: 5,
    };
    const answer = await change<Problem>(id, body, undefined, team.ada, method);
    expect(answer.body.error_code).toBe("validation_failed");
    expect(answer.body.errors?.map(({ path }) => path)).toEqual(Object.keys(body).map((field) => `/${field}`));
    expect((await change(id, { colour: "red" }, undefined, team.ada, method)).status).toBe(422);
  });

  test("401 without a token, 403 for viewers and others; a superuser may", async () => {
    const { id } = await make({ assignee_ids: [team.linus.user_id] });
    const { linus, eve, root } = team;
    expect(await team.statuses(method, `/tasks/${id}`, [null, linus, eve, root], { title: "X" })).toEqual([
      401, 403, 403, 200,
    ]);
  });
});

describe("status", () => {
  test("started_at stays once it is under way, completed_at comes and goes with completed", async () => {
    const { id } = await make();
    const times = async (status: string) => {
      const { body } = await change(id, { status });
      return [body.started_at !== null, body.completed_at !== null];
    };
    expect(await times("in_review")).toEqual([true, false]);
    const { started_at } = await team.read(id);
    expect(await times("completed")).toEqual([true, true]);
    expect(await times("in_progress")).toEqual([true, false]);
    expect(await times("cancelled")).toEqual([true, false]);
    expect((await team.read(id)).started_at).toBe(started_at);
  });

  test.each([
    ["pending", "completed", "task.completed"],
    ["cancelled", "completed", "task.completed"],
    ["completed", "in_progress", "task.reopened"],
    ["cancelled", "pending", "task.reopened"],
    ["completed", "cancelled", "task.updated"],
    ["pending", "in_progress", "task.updated"],
    ["pending", "cancelled", "task.updated"],
  ])("from %s to %s is %s", async (from, to, type) => {
    const { id } = await make({ status: from });
    await change(id, { status: to });
    const event = await team.lastEvent(id);
    expect([event.type, event.data["changes"]]).toEqual([type, [{ field: "status", from, to }]]);
  });
});

describe("parent_id", () => {
  test("moves a task below another and back; never below itself or what is below it", async () => {
    const [top, middle, leaf] = [await make(), await make(), await make()];
    expect((await change(middle.id, { parent_id: top.id })).body.parent_id).toBe(top.id);
    expect((await change(leaf.id, { parent_id: middle.id })).status).toBe(200);
    for (const parent_id of [top.id, middle.id, leaf.id]) {
      const { status, body } = await change<Problem>(top.id, { parent_id });
      expect([status, body.errors?.[0]?.path]).toEqual([422, "/parent_id"]);
    }
    expect((await change(middle.id, { parent_id: null })).body.parent_id).toBeNull();
  });

  test("two tasks put below each other at once do not make a ring", async () => {
    for (let round = 0; round < 5; round++) {
      const [a, b] = [await make(), await make()];
      const answers = await Promise.all([change(a.id, { parent_id: b.id }), change(b.id, { parent_id: a.id })]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
    }
  });
});
