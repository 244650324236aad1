import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId } from "@stoa/db";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import type { Task } from "./schema.ts";

let team: Team;
let project_id: string;
beforeAll(async () => {
  team = await startTeam();
  project_id = (await team.project("Finish")).id;
});
afterAll(() => team.close());

const make = (body: object = {}) => team.task(team.ada, { project_id, ...body });
const complete = (id: string, as: Person, match?: string) =>
  team.ask<Task>("PATCH", `/tasks/${id}/complete`, { as, ...(match ? { headers: { "if-match": match } } : {}) });
const reopen = (id: string, as: Person) => team.ask<Task>("POST", `/tasks/${id}/reopen`, { as });

describe("PATCH /tasks/{id}/complete", () => {
  test("completes it: 200 with the task, and the event says by whom", async () => {
    const { id } = await make();
    const { status, headers, body } = await complete(id, team.grace);
    expect([status, headers.get("etag"), body.status]).toEqual([200, '"2"', "completed"]);
    expect(body.completed_at).toBe(body.updated_at);
    const { type, actor_id } = await team.lastEvent(id);
    expect([type, actor_id]).toEqual(["task.completed", team.grace.user_id]);
  });

  test("by PUT too", async () => {
    const { id } = await make();
    const { status, body } = await team.ask<Task>("PUT", `/tasks/${id}/complete`, { as: team.grace });
    expect([status, body.status]).toEqual([200, "completed"]);
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
    expect(await team.statuses("PATCH", `/tasks/${other.id}/complete`, [linus, eve, null])).toEqual([403, 403, 401]);
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
      expect((await team.lastEvent(id)).type).toBe("task.reopened");
    }
    const open = await make({ status: "in_progress" });
    expect((await reopen(open.id, team.ada)).body).toEqual(open);
  });

  test("401 and 403 for those who may not", async () => {
    const { id } = await make({ status: "completed" });
    expect(await team.statuses("POST", `/tasks/${id}/reopen`, [null, team.linus, team.eve])).toEqual([401, 403, 403]);
  });
});
