import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
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

describe("PUT /tasks/{id}/assignees", () => {
  const assign = <T = Task>(id: string, user_ids: string[], as: Person = team.ada) =>
    team.ask<T>("PUT", `/tasks/${id}/assignees`, { as, body: { user_ids } });

  test("says who it is assigned to: who came, who went", async () => {
    const { grace, linus, ada } = team;
    const { id } = await make({ assignee_ids: [linus.user_id] });
    const { status, body } = await assign(id, [grace.user_id, ada.user_id, grace.user_id]);
    expect([status, body.assignee_ids, body.version]).toEqual([200, [grace.user_id, ada.user_id], 2]);
    const event = await team.lastEvent(id);
    expect(event.type).toBe("task.assigned");
    expect(event.data).toMatchObject({
      user_ids: [grace.user_id, ada.user_id],
      removed_user_ids: [linus.user_id],
      version: 2,
    });
    await assign(id, [ada.user_id]);
    expect(await team.lastEvent(id)).toMatchObject({ type: "task.unassigned", data: { user_ids: [grace.user_id] } });
    const rows = await team.db.query(
      sql`select user_id from task_assignees where task_row in (select row from tasks where id = ${id})`,
    );
    expect(rows).toEqual([{ user_id: ada.user_id }]);
  });

  test("the same again changes nothing, in whatever order", async () => {
    const { id } = await make();
    const [grace, linus] = [team.grace.user_id, team.linus.user_id];
    const first = await assign(id, [grace, linus]);
    expect((await assign(id, [linus, grace])).body).toEqual(first.body);
    expect((await change(id, { assignee_ids: [linus, grace, linus] })).body).toEqual(first.body);
    expect((await team.journal(id)).map(({ type }) => type)).toEqual(["task.created", "task.assigned"]);
  });

  test("with other fields in one PATCH it is an event of its own, of the same version", async () => {
    const { id } = await make();
    await change(id, { title: "Both", assignee_ids: [team.grace.user_id] });
    const events = (await team.journal(id)).slice(1).map(({ type, data }) => [type, JSON.parse(data).version]);
    expect(events).toEqual([
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
    expect(await team.statuses("PUT", path, [null, linus, eve], { user_ids: [] })).toEqual([401, 403, 403]);
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
