import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Page } from "@stoa/http";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import type { Task, TaskLogEntry } from "./schema.ts";

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

describe("GET /tasks/{id}/logs", () => {
  const logs = async (id: string, query = "", as: Person = team.linus) =>
    (await team.ask<Page<TaskLogEntry>>("GET", `/tasks/${id}/logs${query}`, { as })).body;

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

  test("401, 403 and 422 for those who may not and what is not valid", async () => {
    const { id } = await make();
    expect(await team.statuses("GET", `/tasks/${id}/logs`, [null, team.eve])).toEqual([401, 403]);
    expect(await team.statuses("GET", `/tasks/${id}/logs?limit=101`, [team.ada])).toEqual([422]);
  });
});
