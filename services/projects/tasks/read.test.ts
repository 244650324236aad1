import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId } from "@stoa/db";
import { startTeam, type Team } from "../test/team.ts";

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

  test("asks the database once", async () => {
    const task = await team.task(team.ada, { project_id: (await team.project()).id });
    expect(await team.statementsOf(() => team.read(task.id))).toHaveLength(1);
  });
});
