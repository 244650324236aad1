import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId } from "@stoa/db";
import type { Page } from "@stoa/http";
import { startTeam, type Team } from "../test/team.ts";
import type { Asker } from "../test/world.ts";
import type { LogEntry, Task } from "./schema.ts";

let team: Team;
let project_id: string;
beforeAll(async () => {
  team = await startTeam();
  project_id = (await team.project("Finish")).id;
});
afterAll(() => team.close());

const make = (body: object = {}) => team.task(team.ada, { project_id, ...body });
const complete = (id: string, as: Asker, match?: string) =>
  team.ask<Task>("PATCH", `/tasks/${id}/complete`, { as, ...(match ? { headers: { "if-match": match } } : {}) });
const reopen = (id: string, as: Asker) => team.ask<Task>("POST", `/tasks/${id}/reopen`, { as });

describe("PATCH /tasks/{id}/complete", () => {
  test("completes it: 200 with the task, and the fact says by whom", async () => {
    const { id } = await make();
    const { status, headers, body } = await complete(id, team.grace);
    expect([status, headers.get("etag"), body.status]).toEqual([200, '"2"', "completed"]);
    expect(body.completed_at).toBe(body.updated_at);
    const { type, actor_id } = await team.lastFact(id);
    expect([type, actor_id]).toEqual(["task.completed", team.grace.user_id]);
  });

  test("again is 200 and changes nothing, at once too", async () => {
    const { id } = await make();
    const answers = await Promise.all(Array.from({ length: 10 }, () => complete(id, team.ada)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await team.journal(id)).map(({ type }) => type)).toEqual(["task.created", "task.completed"]);
    expect((await team.read(id)).version).toBe(2);
  });

  test("an assignee may, even a viewer; other viewers may not", async () => {
    const { linus, eve } = team;
    const { id } = await make({ assignee_ids: [linus.user_id] });
    expect((await complete(id, linus)).status).toBe(200);
    expect((await reopen(id, linus)).status).toBe(200);
    const other = await make();
    expect(await team.statuses("PATCH", `/tasks/${other.id}/complete`, [linus, eve, null])).toEqual([403, 404, 401]);
    expect(await team.statuses("PATCH", `/tasks/${newId()}/complete`, [team.ada])).toEqual([404]);
  });

  test("412 with If-Match when its status has changed since, not when something else has", async () => {
    const { id } = await make();
    await team.ask("PATCH", `/tasks/${id}`, { as: team.ada, body: { title: "Other" } });
    expect((await complete(id, team.ada, '"1"')).status).toBe(200);
    await reopen(id, team.ada);
    expect((await complete(id, team.ada, '"2"')).status).toBe(412);
  });
});

describe("POST /tasks/{id}/reopen", () => {
  test("takes up a completed or cancelled task as pending; an open one stays as it is", async () => {
    for (const status of ["completed", "cancelled"]) {
      const { id } = await make({ status });
      const { body } = await reopen(id, team.grace);
      expect([body.status, body.completed_at]).toEqual(["pending", null]);
      expect((await team.lastFact(id)).type).toBe("task.reopened");
    }
    const open = await make({ status: "in_progress" });
    expect((await reopen(open.id, team.ada)).body).toEqual(open);
  });

  test("401, 403 and 404 for whom it is not", async () => {
    const { id } = await make({ status: "completed" });
    expect(await team.statuses("POST", `/tasks/${id}/reopen`, [null, team.linus, team.eve])).toEqual([401, 403, 404]);
  });
});

describe("DELETE /tasks/{id} and POST …/restore", () => {
  const trash = (id: string, as: Asker = team.ada) => team.ask("DELETE", `/tasks/${id}`, { as });
  const restore = (id: string, as: Asker = team.ada) => team.ask<Task>("POST", `/tasks/${id}/restore`, { as });

  test("in the trash it is there for who may restore it, gone for the others", async () => {
    const task = await make();
    expect((await trash(task.id)).status).toBe(204);
    expect(await team.statuses("GET", `/tasks/${task.id}`, [team.grace, team.linus])).toEqual([200, 404]);
    expect((await team.read(task.id)).deleted_at).toBeString();
    expect((await trash(task.id)).status).toBe(404);
    for (const [method, path, body] of [
      ["PATCH", "", { title: "X" }],
      ["PATCH", "/complete", undefined],
      ["PUT", "/assignees", { user_ids: [] }],
      ["PATCH", "/move", {}],
    ] as const) {
      expect((await team.ask(method, `/tasks/${task.id}${path}`, { as: team.ada, body })).status).toBe(404);
    }
    const back = await restore(task.id, team.grace);
    expect([back.status, back.body]).toEqual([200, { ...task, version: 3, updated_at: back.body.updated_at }]);
    expect((await restore(task.id)).body).toEqual(back.body);
  });

  test("takes the tasks below along, and back those that went with it, each with its facts", async () => {
    const top = await make();
    const middle = await make({ parent_id: top.id });
    const leaf = await make({ parent_id: middle.id });
    const early = await make({ parent_id: top.id });
    await trash(early.id);
    await trash(top.id);
    expect((await team.read(leaf.id)).deleted_at).not.toBeNull();
    expect((await restore(leaf.id)).status).toBe(409);
    await restore(top.id);
    expect((await team.read(leaf.id)).deleted_at).toBeNull();
    expect((await team.read(early.id)).deleted_at).not.toBeNull();
    const facts = (await team.journal(leaf.id)).map(({ type, data }) => [type, JSON.parse(data).version]);
    expect(facts).toEqual([
      ["task.created", 1],
      ["task.trashed", 2],
      ["task.restored", 3],
    ]);
    expect((await team.read(leaf.id)).version).toBe(3);
  });

  test("409 while its project is in the trash", async () => {
    const project = await team.project();
    const task = await team.task(team.ada, { project_id: project.id });
    await trash(task.id);
    await team.ask("DELETE", `/projects/${project.id}`, { as: team.ada });
    const answer = await team.ask("POST", `/tasks/${task.id}/restore`, { as: team.ada });
    expect([answer.status, answer.body.error_code]).toEqual([409, "in_trash"]);
  });

  test("412 for a stale If-Match, which deletes nothing", async () => {
    const { id } = await make();
    await complete(id, team.ada);
    expect((await team.ask("DELETE", `/tasks/${id}`, { as: team.ada, headers: { "if-match": '"1"' } })).status).toBe(
      412,
    );
    expect((await team.ask("DELETE", `/tasks/${id}`, { as: team.ada, headers: { "if-match": '"2"' } })).status).toBe(
      204,
    );
  });

  test("401, 403 and 404 for whom it is not; a superuser may", async () => {
    const { linus, eve, root } = team;
    const { id } = await make();
    expect(await team.statuses("DELETE", `/tasks/${id}`, [null, linus, eve, root])).toEqual([401, 403, 404, 204]);
    expect(await team.statuses("POST", `/tasks/${id}/restore`, [null, linus, eve, root])).toEqual([401, 404, 404, 200]);
  });
});

describe("GET /tasks/{id}/logs", () => {
  const logs = async (id: string, query = "", as: Asker = team.linus) =>
    (await team.ask<Page<LogEntry>>("GET", `/tasks/${id}/logs${query}`, { as })).body;

  test("says who did what, the latest first", async () => {
    const { id } = await make({ assignee_ids: [team.grace.user_id] });
    await team.ask("PATCH", `/tasks/${id}`, { as: team.ada, body: { priority: "high" } });
    await complete(id, team.grace);
    const { items } = await logs(id);
    expect(
      items.map(({ actor_id, type, changes, source, task_id }) => ({ actor_id, type, changes, source, task_id })),
    ).toEqual([
      {
        actor_id: team.grace.user_id,
        type: "task.completed",
        changes: [{ field: "status", from: "pending", to: "completed" }],
        source: "user",
        task_id: id,
      },
      {
        actor_id: team.ada.user_id,
        type: "task.updated",
        changes: [{ field: "priority", from: "medium", to: "high" }],
        source: "user",
        task_id: id,
      },
      expect.objectContaining({ type: "task.created", actor_id: team.ada.user_id }),
    ]);
    expect(items[0]?.occurred_at).toBe((await team.read(id)).completed_at ?? "");
  });

  test("goes page by page", async () => {
    const { id } = await make();
    await complete(id, team.ada);
    await reopen(id, team.ada);
    const first = await logs(id, "?limit=2&count=true");
    const second = await logs(id, `?limit=2&cursor=${first.next_cursor}`);
    expect([...first.items, ...second.items].map(({ type }) => type)).toEqual([
      "task.reopened",
      "task.completed",
      "task.created",
    ]);
    expect([first.total, second.next_cursor]).toEqual([3, null]);
  });

  test("401, 404 and 422 for whom and what it is not", async () => {
    const { id } = await make();
    expect(await team.statuses("GET", `/tasks/${id}/logs`, [null, team.eve])).toEqual([401, 404]);
    expect(await team.statuses("GET", `/tasks/${id}/logs?limit=101`, [team.ada])).toEqual([422]);
  });
});
