import { afterAll, describe, expect, test } from "bun:test";
import { newId } from "@stoa/db";
import type { Page } from "@stoa/http";
import { startTeam } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import type { Project } from "./schema.ts";

const world = await startTeam();
const { ada, grace, linus, root } = world;
afterAll(() => world.close());

const make = async (as: Person, body: object = {}) =>
  (await world.ask<Project>("POST", "/projects", { as, body: { name: `Project ${newId()}`, ...body } })).body;

describe("GET /projects", () => {
  test("lists one's own, newest first, page by page, with roles", async () => {
    const eve = await world.person("eve");
    const [a, b, c] = [await make(eve), await make(eve), await make(eve)];
    await world.ask("POST", `/projects/${b.id}/users`, { as: eve, body: { username: "linus", role: "viewer" } });
    const first = await world.ask<Page<Project>>("GET", "/projects?limit=2&count=true", { as: eve });
    expect(first.body.items.map(({ id }) => id)).toEqual([c.id, b.id]);
    expect(first.body.total).toBe(3);
    const second = await world.ask<Page<Project>>("GET", `/projects?limit=2&cursor=${first.body.next_cursor}`, {
      as: eve,
    });
    expect(second.body.items.map(({ id }) => id)).toEqual([a.id]);
    expect(second.body.next_cursor).toBeNull();
    const seen = await world.ask<Page<Project>>("GET", "/projects?limit=100", { as: linus });
    expect(seen.body.items.find(({ id }) => id === b.id)?.role).toBe("viewer");
    expect(seen.body.items.some(({ id }) => id === a.id)).toBe(false);
  });

  test("shows a superuser all of them, as an owner", async () => {
    const project = await make(ada);
    const { body } = await world.ask<Page<Project>>("GET", "/projects?limit=100", { as: root });
    expect(body.items.find(({ id }) => id === project.id)?.role).toBe("owner");
  });

  test("shows the trash to owners alone", async () => {
    const project = await world.project();
    await world.ask("DELETE", `/projects/${project.id}`, { as: ada });
    const trashOf = async (as: Person) =>
      (await world.ask<Page<Project>>("GET", "/projects?deleted=true&limit=100", { as })).body.items.map(
        ({ id }) => id,
      );
    expect(await trashOf(ada)).toContain(project.id);
    expect(await trashOf(grace)).not.toContain(project.id);
    const live = await world.ask<Page<Project>>("GET", "/projects?limit=100", { as: ada });
    expect(live.body.items.some(({ id }) => id === project.id)).toBe(false);
  });

  test("401 without a token, 422 for a limit, a cursor or a filter that is none", async () => {
    expect((await world.ask("GET", "/projects")).status).toBe(401);
    expect((await world.ask("GET", "/projects?limit=0", { as: ada })).status).toBe(422);
    expect((await world.ask("GET", "/projects?colour=red", { as: ada })).status).toBe(422);
    expect((await world.ask("GET", "/projects?cursor=forged", { as: ada })).body.error_code).toBe("invalid_cursor");
  });

  test("asks the database once", async () => {
    const statements = await world.statementsOf(() => world.ask("GET", "/projects", { as: ada }));
    expect(statements).toHaveLength(1);
  });
});

describe("GET /projects/{id}", () => {
  test("shows a member the project with their role", async () => {
    const project = await world.project();
    const { status, headers, body } = await world.ask<Project>("GET", `/projects/${project.id}`, { as: linus });
    expect([status, headers.get("etag"), body.role]).toEqual([200, '"3"', "viewer"]);
    expect(body.members.map(({ username, role }) => [username, role])).toEqual([
      ["ada", "owner"],
      ["grace", "developer"],
      ["linus", "viewer"],
    ]);
  });

  test("403 for those who are not members, 404 for ids that are unknown or none; 401 without a token", async () => {
    const project = await make(ada);
    expect((await world.ask("GET", `/projects/${project.id}`, { as: grace })).status).toBe(403);
    expect((await world.ask("GET", `/projects/${newId()}`, { as: ada })).status).toBe(404);
    expect((await world.ask("GET", "/projects/nothing", { as: ada })).status).toBe(404);
    expect((await world.ask("GET", `/projects/${project.id}`)).status).toBe(401);
  });

  test("asks the database once", async () => {
    const project = await make(ada);
    expect(await world.statementsOf(() => world.ask("GET", `/projects/${project.id}`, { as: ada }))).toHaveLength(1);
  });
});
