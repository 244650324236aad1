import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId } from "@stoa/db";
import type { Project } from "../projects/schema.ts";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.close());

/** The projects of the list, by name. */
async function names(as: Person, query: string) {
  const path = `/projects?limit=100&count=true&${query}`;
  const { body } = await team.ask<{ items: Project[]; total: number }>("GET", path, { as });
  expect(body.total).toBe(body.items.length);
  return body.items.map(({ name }) => name);
}

test("a superuser finds the projects that nobody may manage any more, and makes somebody their owner", async () => {
  const { root, grace } = team;
  const [owner, admin] = [await team.person("owner"), await team.person("admin")];
  const organization = { organization_id: newId(), name: "Engines" };
  await team.apply("organization.created", { ...organization, slug: newId(), owner_id: admin.user_id });
  const joining = { ...organization, user_id: owner.user_id, role: "member", invitation_id: null } as const;
  await team.apply("organization.member_added", joining);
  const make = async (name: string, more: object = {}) => {
    const { body } = await team.ask<Project>("POST", "/projects", { as: owner, body: { name, ...more } });
    await team.ask("POST", `/projects/${body.id}/users`, { as: owner, body: { username: "grace", role: "developer" } });
    return body.id;
  };
  const alone = await make("Alone");
  await make("Organized", { organization_id: organization.organization_id });
  expect(await names(root, "without_owner=true")).toEqual([]);

  await team.apply("user.disabled", { user_id: owner.user_id, session_ids: [] });
  // The organization's owner is owner of its projects.
  expect(await names(root, "without_owner=true")).toEqual(["Alone"]);
  expect(await names(root, "without_owner=false")).toEqual(["Organized"]);
  expect(await names(grace, "without_owner=true")).toEqual(["Alone"]);
  expect(await names(team.eve, "without_owner=true")).toEqual([]);
  await team.apply("user.disabled", { user_id: admin.user_id, session_ids: [] });
  expect(await names(root, "without_owner=true")).toEqual(["Organized", "Alone"]);
  await team.apply("user.enabled", { user_id: admin.user_id });

  await team.apply("user.erased", { user_id: owner.user_id, session_ids: [] });
  expect(await names(root, "without_owner=true")).toEqual(["Alone"]);
  const heir = { username: "grace", role: "owner" };
  expect(await team.statuses("POST", `/projects/${alone}/users`, [grace], heir)).toEqual([403]);
  expect(await team.statuses("POST", `/projects/${alone}/users`, [root], heir)).toEqual([200]);
  expect(await names(root, "without_owner=true")).toEqual([]);
});
