import { afterAll, describe, expect, test } from "bun:test";
import type { Page } from "@stoa/http";
import type { Member, Project } from "../projects/schema.ts";
import { startTeam } from "../test/team.ts";
import type { Person } from "../test/world.ts";

const world = await startTeam();
const { ada, linus, eve } = world;
afterAll(() => world.close());

const make = async () => (await world.ask<Project>("POST", "/projects", { as: ada, body: { name: "Team" } })).body.id;
const put = (project: string, as: Person | null, body: object) =>
  world.ask<Member>("POST", `/projects/${project}/users`, { as, body });
const read = async (project: string) => (await world.ask<Project>("GET", `/projects/${project}`, { as: ada })).body;

describe("GET /projects/{id}/users", () => {
  test("lists the members, the latest first, page by page", async () => {
    const project = (await world.project()).id;
    const page = async (query: string) =>
      (await world.ask<Page<Member>>("GET", `/projects/${project}/users${query}`, { as: linus })).body;
    const first = await page("?limit=2&count=true");
    const second = await page(`?limit=2&cursor=${first.next_cursor}`);
    expect([...first.items, ...second.items].map(({ username }) => username)).toEqual(["linus", "grace", "ada"]);
    expect([first.total, second.next_cursor]).toEqual([3, null]);
  });

  test("shows who was disabled as inactive, and new names once they are known", async () => {
    const project = await make();
    const sam = await world.person("sam");
    await put(project, ada, { username: "sam", role: "viewer" });
    await world.apply("user.updated", { user_id: sam.user_id, username: "samuel", full_name: "Samuel" });
    await world.apply("user.disabled", { user_id: sam.user_id, session_ids: [] });
    expect((await read(project)).members[1]).toMatchObject({
      username: "samuel",
      full_name: "Samuel",
      is_active: false,
    });
    await world.apply("user.enabled", { user_id: sam.user_id });
    expect((await read(project)).members[1]?.is_active).toBe(true);
  });

  test("shows one of them to the others, 404 for a user who is none", async () => {
    const project = (await world.project()).id;
    const [member] = (await read(project)).members;
    const path = `/projects/${project}/users`;
    const one = await world.ask<Member>("GET", `${path}/${member?.user_id}`, { as: ada });
    expect([one.status, one.body]).toEqual([200, member as Member]);
    expect((await world.ask("GET", `${path}/${eve.user_id}`, { as: ada })).status).toBe(404);
    expect((await world.ask("GET", `${path}/${member?.user_id}`, { as: eve })).status).toBe(403);
  });

  test("401 without a token, 403 for others, 422 for a cursor of another project", async () => {
    const [project, other] = [(await world.project()).id, (await world.project()).id];
    expect((await world.ask("GET", `/projects/${project}/users`)).status).toBe(401);
    expect((await world.ask("GET", `/projects/${project}/users`, { as: eve })).status).toBe(403);
    const { body } = await world.ask<Page<Member>>("GET", `/projects/${project}/users?limit=1`, { as: ada });
    const moved = await world.ask("GET", `/projects/${other}/users?limit=1&cursor=${body.next_cursor}`, { as: ada });
    expect(moved.body.error_code).toBe("invalid_cursor");
  });
});
