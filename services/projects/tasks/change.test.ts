import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import { startTeam, type Team } from "../test/team.ts";
import type { Asker, Problem } from "../test/world.ts";
import type { Task } from "./schema.ts";

let team: Team;
let project_id: string;
beforeAll(async () => {
  team = await startTeam();
  project_id = (await team.project("Change")).id;
});
afterAll(() => team.close());

const change = <T = Task>(id: string, body: unknown, match?: string, as: Asker = team.ada, method = "PATCH") =>
  team.ask<T>(method, `/tasks/${id}`, { as, body, ...(match ? { headers: { "if-match": match } } : {}) });
const make = (body: object = {}) => team.task(team.ada, { project_id, ...body });

describe.each(["PATCH", "PUT"])("%s /tasks/{id}", (method) => {
  test("changes what it names, clears what is null, keeps the rest; the fact says from and to", async () => {
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
    expect(await team.lastFact(task.id)).toEqual({
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
    expect(await team.db.query(sql`select 1 from task_labels where task_id = ${task.id}`)).toEqual([]);
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

  test("401 without a token, 403 for viewers, 404 for others; a superuser may", async () => {
    const { id } = await make({ assignee_ids: [team.linus.user_id] });
    const { linus, eve, root } = team;
    expect(await team.statuses(method, `/tasks/${id}`, [null, linus, eve, root], { title: "X" })).toEqual([
      401, 403, 404, 200,
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
    const fact = await team.lastFact(id);
    expect([fact.type, fact.data["changes"]]).toEqual([type, [{ field: "status", from, to }]]);
  });
});

describe("If-Match", () => {
  test("a stale one merges what does not overlap", async () => {
    const { id } = await make();
    await change(id, { title: "First" }, '"1"');
    const { status, body } = await change(id, { priority: "low" }, '"1"');
    expect([status, body.title, body.priority, body.version]).toEqual([200, "First", "low", 3]);
  });

  test("a stale one is 412 with the present task when the same field has changed", async () => {
    const { id } = await make();
    const first = (await change(id, { title: "First" }, '"1"')).body;
    const { status, headers, body } = await change<Problem>(id, { title: "Second", priority: "low" }, '"1"');
    expect([status, body.error_code, headers.get("etag")]).toEqual([412, "version_conflict", '"2"']);
    expect(body.current).toEqual(first);
    expect((await team.read(id)).priority).toBe("medium");
  });

  test("a stale one that wants what is there already changes nothing", async () => {
    const { id } = await make();
    await change(id, { title: "Same" });
    expect((await change(id, { title: "Same" }, '"1"')).status).toBe(200);
  });

  test("knows what assigning, completing and moving changed", async () => {
    const [task, other] = [await make(), await make()];
    const { id } = task;
    await team.ask("PUT", `/tasks/${id}/assignees`, { as: team.ada, body: { user_ids: [team.grace.user_id] } });
    await team.ask("PATCH", `/tasks/${id}/complete`, { as: team.ada });
    await team.ask("PATCH", `/tasks/${id}/move`, { as: team.ada, body: { after_id: other.id } });
    for (const body of [{ assignee_ids: [] }, { status: "in_progress" }]) {
      expect((await change(id, body, '"1"')).status).toBe(412);
    }
    expect((await change(id, { title: "Merged" }, '"1"')).status).toBe(200);
  });

  test.each(['"99"', 'W/"1"', '"one"', "nothing"])("%s is no version that was ever seen: 412", async (match) => {
    expect((await change((await make()).id, { title: "X" }, match)).status).toBe(412);
  });

  test("* goes on from any version", async () => {
    expect((await change((await make()).id, { title: "X" }, "*")).status).toBe(200);
  });

  test("of many edits of one field from one version one gets through, the others are told", async () => {
    const { id } = await make();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => change(id, { title: `Edit ${i}` }, '"1"')));
    const counts = Map.groupBy(answers, ({ status }) => status);
    expect([counts.get(200)?.length, counts.get(412)?.length]).toEqual([1, 19]);
    expect((await team.read(id)).version).toBe(2);
  });

  test("many edits of different fields from one version all get through", async () => {
    const { id } = await make();
    const edits = [
      { title: "Merged" },
      { description: "Merged" },
      { priority: "urgent" },
      { labels: ["merged"] },
      { due_at: "2027-01-01T00:00:00.000Z" },
      { estimate_minutes: 1 },
      { status: "in_progress" },
      { assignee_ids: [team.grace.user_id] },
    ];
    const answers = await Promise.all(edits.map((edit) => change(id, edit, '"1"')));
    expect(answers.map(({ status }) => status)).toEqual(edits.map(() => 200));
    expect(await team.read(id)).toMatchObject({ ...Object.assign({}, ...edits), version: 9 });
    const versions = (await team.journal(id)).map(({ data }) => JSON.parse(data).version);
    expect(versions).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
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

describe("PUT /tasks/{id}/assignees", () => {
  const assign = <T = Task>(id: string, user_ids: string[], as: Asker = team.ada) =>
    team.ask<T>("PUT", `/tasks/${id}/assignees`, { as, body: { user_ids } });

  test("says who it is assigned to: who came, who went", async () => {
    const { grace, linus, ada } = team;
    const { id } = await make({ assignee_ids: [linus.user_id] });
    const { status, body } = await assign(id, [grace.user_id, ada.user_id, grace.user_id]);
    expect([status, body.assignee_ids, body.version]).toEqual([200, [grace.user_id, ada.user_id], 2]);
    const fact = await team.lastFact(id);
    expect(fact.type).toBe("task.assigned");
    expect(fact.data).toMatchObject({
      user_ids: [grace.user_id, ada.user_id],
      removed_user_ids: [linus.user_id],
      version: 2,
    });
    await assign(id, [ada.user_id]);
    expect(await team.lastFact(id)).toMatchObject({ type: "task.unassigned", data: { user_ids: [grace.user_id] } });
    const rows = await team.db.query(sql`select user_id from task_assignees where task_id = ${id}`);
    expect(rows).toEqual([{ user_id: ada.user_id }]);
  });

  test("the same again changes nothing", async () => {
    const { id } = await make();
    const first = await assign(id, [team.grace.user_id]);
    expect((await assign(id, [team.grace.user_id])).body).toEqual(first.body);
  });

  test("with other fields in one PATCH it is a fact of its own, of the same version", async () => {
    const { id } = await make();
    await change(id, { title: "Both", assignee_ids: [team.grace.user_id] });
    const facts = (await team.journal(id)).slice(1).map(({ type, data }) => [type, JSON.parse(data).version]);
    expect(facts).toEqual([
      ["task.updated", 2],
      ["task.assigned", 2],
    ]);
  });

  test("422 not_a_member for others, of a personal task for everyone but its creator", async () => {
    const { id } = await make();
    const refused = await assign<Problem>(id, [team.eve.user_id]);
    expect([refused.status, refused.body.error_code]).toEqual([422, "not_a_member"]);
    const mine = await team.task(team.ada, {});
    expect((await assign(mine.id, [team.grace.user_id])).status).toBe(422);
    expect((await assign(mine.id, [team.ada.user_id])).status).toBe(200);
  });

  test("422 for a body that is none; 401, 403 and 404 for whom it is not", async () => {
    const { id } = await make();
    const { ada, linus, eve } = team;
    const path = `/tasks/${id}/assignees`;
    expect(await team.statuses("PUT", path, [ada], {})).toEqual([422]);
    expect(await team.statuses("PUT", path, [ada], { user_ids: ["x"] })).toEqual([422]);
    expect(await team.statuses("PUT", path, [null, linus, eve], { user_ids: [] })).toEqual([401, 403, 404]);
  });

  test("nobody is assigned who left meanwhile, however the two interleave", async () => {
    for (let round = 0; round < 10; round++) {
      const { id } = await team.project();
      const task = await team.task(team.ada, { project_id: id });
      const { user_id } = team.grace;
      await Promise.all([
        assign(task.id, [user_id]),
        team.ask("DELETE", `/projects/${id}/users/${user_id}`, { as: team.grace }),
      ]);
      expect((await team.read(task.id)).assignee_ids).toEqual([]);
    }
  });
});
