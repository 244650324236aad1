import { afterAll, describe, expect, test } from "bun:test";
import { newId } from "@stoa/db";
import { startTeam } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import type { Project } from "./schema.ts";

const world = await startTeam();
const { ada, grace, linus } = world;
afterAll(() => world.close());

const make = async (as: Person, body: object = {}) =>
  (await world.ask<Project>("POST", "/projects", { as, body: { name: `Project ${newId()}`, ...body } })).body;

describe("DELETE /projects/{id} and POST …/restore", () => {
  test("moves it to the trash with its tasks, and back with those that went with it", async () => {
    const project = await world.project();
    const task = async (title: string) =>
      (await world.ask<{ id: string }>("POST", "/tasks", { as: ada, body: { title, project_id: project.id } })).body.id;
    const [kept, gone] = [await task("Kept"), await task("Gone before")];
    await world.ask("DELETE", `/tasks/${gone}`, { as: ada });
    expect((await world.ask("DELETE", `/projects/${project.id}`, { as: ada })).status).toBe(204);
    expect((await world.ask<Project>("GET", `/projects/${project.id}`, { as: ada })).body.deleted_at).toBeString();
    expect((await world.ask("GET", `/projects/${project.id}`, { as: grace })).status).toBe(404);
    expect((await world.ask("GET", `/tasks/${kept}`, { as: linus })).status).toBe(404);
    const restored = await world.ask<Project>("POST", `/projects/${project.id}/restore`, { as: ada });
    expect([restored.status, restored.body.deleted_at]).toEqual([200, null]);
    expect((await world.ask("GET", `/tasks/${kept}`, { as: linus })).status).toBe(200);
    expect((await world.ask("GET", `/tasks/${gone}`, { as: linus })).status).toBe(404);
    const events = (await world.journal(project.id)).map(({ type }) => type).slice(-2);
    expect(events).toEqual(["project.trashed", "project.restored"]);
  });

  test("restoring one that is not in the trash changes nothing", async () => {
    const project = await make(ada);
    const { status, body } = await world.ask<Project>("POST", `/projects/${project.id}/restore`, { as: ada });
    expect([status, body]).toEqual([200, project]);
  });

  test("nothing in the trash can be changed, deleted or added to: 404", async () => {
    const { id } = await make(ada);
    await world.ask("DELETE", `/projects/${id}`, { as: ada });
    expect((await world.ask("PATCH", `/projects/${id}`, { as: ada, body: { name: "X" } })).status).toBe(404);
    expect((await world.ask("DELETE", `/projects/${id}`, { as: ada })).status).toBe(404);
    expect((await world.ask("POST", "/tasks", { as: ada, body: { title: "X", project_id: id } })).status).toBe(404);
    const body = { username: "grace", role: "viewer" };
    expect((await world.ask("POST", `/projects/${id}/users`, { as: ada, body })).status).toBe(404);
  });

  test("412 for a stale If-Match, which deletes nothing", async () => {
    const { id } = await make(ada);
    await world.ask("PATCH", `/projects/${id}`, { as: ada, body: { name: "X" } });
    expect((await world.ask("DELETE", `/projects/${id}`, { as: ada, headers: { "if-match": '"1"' } })).status).toBe(
      412,
    );
    expect((await world.ask("DELETE", `/projects/${id}`, { as: ada, headers: { "if-match": '"2"' } })).status).toBe(
      204,
    );
  });

  test("412 for a stale If-Match, which restores nothing", async () => {
    const { id } = await make(ada);
    await world.ask("DELETE", `/projects/${id}`, { as: ada });
    const restore = (match: string) =>
      world.ask("POST", `/projects/${id}/restore`, { as: ada, headers: { "if-match": match } });
    const stale = await restore('"1"');
    expect([stale.status, stale.body.current?.version]).toEqual([412, 2]);
    expect((await restore('"2"')).status).toBe(200);
    expect((await restore("*")).status).toBe(200);
  });

  test("403 for whoever is not an owner, 401 without a token", async () => {
    const { id } = await world.project();
    const eve = await world.person("eve-deletes");
    for (const [method, path] of [
      ["DELETE", `/projects/${id}`],
      ["POST", `/projects/${id}/restore`],
    ] as const) {
      const statuses = [];
      for (const as of [grace, linus, eve, null]) statuses.push((await world.ask(method, path, { as })).status);
      expect(statuses).toEqual([403, 403, 403, 401]);
    }
  });
});
