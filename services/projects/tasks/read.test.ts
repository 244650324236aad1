import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId } from "@stoa/db";
import type { Page } from "@stoa/http";
import { olderHeader } from "@stoa/http/older";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import type { Task } from "./schema.ts";

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.close());

describe("GET /tasks/{id}", () => {
  test("200 for members with its version, 403 for others, 401 without a token", async () => {
    const { ada, grace, linus, eve, root } = team;
    const task = await team.task(ada, { project_id: (await team.project()).id });
    expect(await team.statuses("GET", `/tasks/${task.id}`, [grace, linus, root, eve, null])).toEqual([
      200, 200, 200, 403, 401,
    ]);
    expect(await team.statuses("GET", `/tasks/${newId()}`, [ada])).toEqual([404]);
    expect(await team.statuses("GET", "/tasks/nothing", [ada])).toEqual([404]);
    expect((await team.ask("GET", `/tasks/${task.id}`, { as: ada })).headers.get("etag")).toBe('"1"');
  });

  test("for older clients the id may be a user's: the tasks assigned to them that the asker sees", async () => {
    const headers = { [olderHeader]: "1" };
    const { ada, grace, eve } = team;
    const { id: project_id } = await team.project();
    const task = await team.task(ada, { project_id, assignee_ids: [grace.user_id] });
    const older = (as: Person, id: string) => team.ask<Page<Task>>("GET", `/tasks/${id}`, { as, headers });
    expect((await older(ada, grace.user_id)).body.items.map(({ id }) => id)).toEqual([task.id]);
    expect((await older(eve, grace.user_id)).body.items).toEqual([]);
    const same = await older(ada, task.id);
    expect([same.body as unknown, same.headers.get("etag")]).toEqual([task, '"1"']);
    expect((await older(ada, newId())).status).toBe(404);
    expect(await team.statuses("GET", `/tasks/${grace.user_id}`, [ada])).toEqual([404]);
  });

  test("asks the database once", async () => {
    const task = await team.task(team.ada, { project_id: (await team.project()).id });
    expect(await team.statementsOf(() => team.read(task.id))).toHaveLength(1);
  });
});
