import { afterAll, beforeAll, describe, expect, test } from "bun:test";
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

describe("DELETE /tasks/{id} and POST …/restore", () => {
  const trash = (id: string, as: Person = team.ada) => team.ask("DELETE", `/tasks/${id}`, { as });
  const restore = (id: string, as: Person = team.ada) => team.ask<Task>("POST", `/tasks/${id}/restore`, { as });

  test("in the trash it is there for those who may restore it, gone for the others", async () => {
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

  test("takes the tasks below along, and back those that went with it, each with its events", async () => {
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
    const events = (await team.journal(leaf.id)).map(({ type, data }) => [type, JSON.parse(data).version]);
    expect(events).toEqual([
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

  test("while its project is in the trash, it and all that it has is there for those who may restore the project alone", async () => {
    const { ada, grace, linus, eve, root } = team;
    const project = await team.project();
    const [task, gone, linked] = [
      await make({ project_id: project.id }),
      await make({ project_id: project.id }),
      await make({ assignee_ids: [grace.user_id] }),
    ];
    const body = { minutes: 30 };
    const worklog = await team.ask<{ id: string }>("POST", `/tasks/${task.id}/worklogs`, { as: grace, body });
    const link = { type: "relates_to", task_id: linked.id };
    const made = await team.ask<{ id: string }>("POST", `/tasks/${task.id}/links`, { as: grace, body: link });
    await trash(gone.id);
    const everyone = [ada, root, grace, linus, eve];
    const one = `/tasks/${task.id}`;
    expect(await team.statuses("GET", `/tasks/${gone.id}`, everyone)).toEqual([200, 200, 200, 404, 404]);
    await team.ask("DELETE", `/projects/${project.id}`, { as: ada });
    for (const path of [one, `/tasks/${gone.id}`, `${one}/logs`, `${one}/worklogs`, `${one}/links`]) {
      expect([path, await team.statuses("GET", path, everyone)]).toEqual([path, [200, 200, 404, 404, 404]]);
    }
    for (const id of [task.id, gone.id]) {
      expect(await team.statuses("POST", `/tasks/${id}/restore`, everyone)).toEqual([409, 409, 404, 404, 404]);
    }
    for (const [method, path, body] of [
      ["PATCH", "", { title: "X" }],
      ["DELETE", "", undefined],
      ["PATCH", "/complete", undefined],
      ["PUT", "/assignees", { user_ids: [] }],
      ["POST", "/worklogs", { minutes: 1 }],
      ["PATCH", `/worklogs/${worklog.body.id}`, { minutes: 2 }],
      ["DELETE", `/worklogs/${worklog.body.id}`, undefined],
      ["POST", "/links", link],
      ["DELETE", `/links/${made.body.id}`, undefined],
    ] as const) {
      const path_ = `${one}${path}`;
      expect([method, path_, await team.statuses(method, path_, everyone, body)]).toEqual([
        method,
        path_,
        [404, 404, 404, 404, 404],
      ]);
    }
    const bulk = async (as: Person) => {
      const body = { ids: [task.id], patch: { title: "X" } };
      const answer = await team.ask("POST", "/tasks/bulk", { as, body });
      return [answer.status, answer.body.errors?.[0]?.message];
    };
    expect(await bulk(ada)).toEqual([404, "The task is in the trash; restore it first."]);
    expect(await bulk(grace)).toEqual([404, "There is no such task."]);
    await team.ask("POST", `/projects/${project.id}/restore`, { as: ada });
    expect(await team.statuses("GET", one, everyone)).toEqual([200, 200, 200, 200, 403]);
    expect((await restore(gone.id, grace)).status).toBe(200);
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

  test("412 for a stale If-Match, which restores nothing", async () => {
    const { id } = await make();
    await trash(id);
    const matching = (match: string) =>
      team.ask("POST", `/tasks/${id}/restore`, { as: team.ada, headers: { "if-match": match } });
    const stale = await matching('"1"');
    expect([stale.status, stale.body.current?.version]).toEqual([412, 2]);
    expect((await matching('"2"')).status).toBe(200);
    expect((await matching("*")).status).toBe(200);
  });

  test("401, 403 and, in the trash, 404 for those who may not; a superuser may", async () => {
    const { linus, eve, root } = team;
    const { id } = await make();
    expect(await team.statuses("DELETE", `/tasks/${id}`, [null, linus, eve, root])).toEqual([401, 403, 403, 204]);
    expect(await team.statuses("POST", `/tasks/${id}/restore`, [null, linus, eve, root])).toEqual([401, 404, 404, 200]);
  });
});
