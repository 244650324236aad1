import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import type { OrganizationRole } from "@stoa/events";
import type { Problem } from "@stoa/testing";
import type { Project } from "../projects/schema.ts";
import type { Task } from "../tasks/schema.ts";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.close());

interface Page<T> {
  items: T[];
  total?: number;
}

/** An organization of these, the first its owner. */
async function organize(
  owner: Person,
  members: readonly (readonly [Person, OrganizationRole])[] = [],
  name = "Engines",
) {
  const organization_id = newId();
  const about = { organization_id, name };
  await team.apply("organization.created", { ...about, slug: organization_id, owner_id: owner.user_id });
  for (const [{ user_id }, role] of members) {
    await team.apply("organization.member_added", { ...about, user_id, role, invitation_id: null });
  }
  return about;
}

const create = <T = Project>(as: Person, body: object) => team.ask<T>("POST", "/projects", { as, body });

/** Ada's organization with Grace as admin and Linus as a plain member, and a project of Ada's in it with a task. */
async function organizedProject(name = "Engine") {
  const { ada, grace, linus } = team;
  const organization = await organize(ada, [
    [grace, "admin"],
    [linus, "member"],
  ]);
  const { body: project } = await create(ada, { name, organization_id: organization.organization_id });
  const task = await team.task(ada, { project_id: project.id });
  return { organization, project, task };
}

describe("POST /projects with organization_id", () => {
  test("any member of the organization may; the maker is owner, and the event says where it belongs", async () => {
    const { ada, linus } = team;
    const { organization_id } = await organize(ada, [[linus, "member"]]);
    const { status, body } = await create(linus, { name: "Ours", organization_id });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      organization_id,
      role: "owner",
      members: [{ user_id: linus.user_id, role: "owner" }],
    });
    expect(await team.lastEvent(body.id)).toMatchObject({ type: "project.created", data: { organization_id } });
    const [row] = await team.db.query(sql`select organization_id from journal where entity_id = ${body.id}`);
    expect(row).toEqual({ organization_id });
  });

  test("keys are the organization's: made ones are numbered, a given one is taken once", async () => {
    const { ada, grace } = team;
    const { organization_id } = await organize(ada, [[grace, "admin"]]);
    expect((await create(ada, { name: "Reactor", organization_id })).body.key).toBe("REA");
    expect((await create(grace, { name: "Reactor", organization_id })).body.key).toBe("REA2");
    const taken = await create<Problem>(grace, { name: "R", key: "REA", organization_id });
    expect([taken.status, taken.body.error_code]).toEqual([409, "key_taken"]);
    const other = await organize(ada);
    expect((await create(ada, { name: "R", key: "REA", ...{ organization_id: other.organization_id } })).status).toBe(
      201,
    );
  });

  test("422 for one that does not exist, 403 for one that is not the user's; a superuser may use any", async () => {
    const { ada, eve, root } = team;
    const { organization_id } = await organize(ada);
    const refusal = { status: 422, body: { error_code: "validation_failed", errors: [{ path: "/organization_id" }] } };
    expect(await create(eve, { name: "X", organization_id })).toMatchObject({
      status: 403,
      body: { error_code: "forbidden" },
    });
    expect(await create(ada, { name: "X", organization_id: newId() })).toMatchObject(refusal);
    expect(await create(root, { name: "X", organization_id: newId() })).toMatchObject(refusal);
    expect((await create(root, { name: "X", organization_id })).status).toBe(201);
  });

  test("with an Idempotency-Key makes one, also at once", async () => {
    const { ada } = team;
    const { organization_id } = await organize(ada);
    const ask = () =>
      team.ask<Project>("POST", "/projects", {
        as: ada,
        body: { name: "Once", organization_id },
        headers: { "idempotency-key": `once in ${organization_id}` },
      });
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });

  test("a membership that ends while the request runs is ended", async () => {
    const { ada, linus } = team;
    const { organization_id, name } = await organize(ada, [[linus, "member"]]);
    const { waitFor } = team.deps.readYourWrites;
    let looks = 0;
    Object.assign(team.deps.readYourWrites, {
      waitFor: async (holds: () => Promise<boolean>) => {
        const held = await holds();
        if (looks++ === 0) {
          const gone = { organization_id, name, user_id: linus.user_id, role: "member" } as const;
          await team.apply("organization.member_removed", gone);
        }
        return held;
      },
    });
    expect((await create(linus, { name: "Late", organization_id })).status).toBe(403);
    Object.assign(team.deps.readYourWrites, { waitFor });
    expect(looks).toBe(1);
    expect(await team.db.query(sql`select 1 from projects where organization_id = ${organization_id}`)).toEqual([]);
  });
});

describe("roles", () => {
  test("owners and admins of the organization act as owners of its projects, its members look on, others see nothing", async () => {
    const { ada, grace, linus, eve, root } = team;
    const { project, task } = await organizedProject();
    const roles = await Promise.all(
      [ada, grace, linus, root].map(
        async (as) => (await team.ask<Project>("GET", `/projects/${project.id}`, { as })).body.role,
      ),
    );
    expect(roles).toEqual(["owner", "owner", "viewer", "owner"]);
    const at = `/projects/${project.id}`;
    const all = [grace, linus, eve, null];
    expect(await team.statuses("GET", at, all)).toEqual([200, 200, 403, 401]);
    expect(await team.statuses("PATCH", at, all, { description: "New" })).toEqual([200, 403, 403, 401]);
    expect(await team.statuses("GET", `${at}/users`, all)).toEqual([200, 200, 403, 401]);
    expect(await team.statuses("POST", `${at}/users`, all, { username: "eve", role: "viewer" })).toEqual([
      201, 403, 403, 401,
    ]);
    expect(await team.statuses("DELETE", `${at}/users/${eve.user_id}`, [linus, grace])).toEqual([403, 204]);
    expect(await team.statuses("POST", "/tasks", all, { title: "T", project_id: project.id })).toEqual([
      201, 403, 403, 401,
    ]);
    expect(await team.statuses("GET", `/tasks/${task.id}`, all)).toEqual([200, 200, 403, 401]);
    expect(await team.statuses("GET", `/tasks/${task.id}/logs`, all)).toEqual([200, 200, 403, 401]);
    expect(await team.statuses("PATCH", `/tasks/${task.id}`, all, { title: "U" })).toEqual([200, 403, 403, 401]);
    expect(await team.statuses("PATCH", `/tasks/${task.id}/complete`, all)).toEqual([200, 403, 403, 401]);
    expect(await team.statuses("DELETE", `/tasks/${task.id}`, [linus, eve, grace])).toEqual([403, 403, 204]);
    expect(await team.statuses("GET", `/tasks/${task.id}`, [linus, grace])).toEqual([404, 200]);
    expect(await team.statuses("POST", `/tasks/${task.id}/restore`, [linus, grace])).toEqual([404, 200]);
    expect(await team.statuses("DELETE", at, [linus, eve, grace])).toEqual([403, 403, 204]);
    expect(await team.statuses("GET", at, [linus, grace])).toEqual([404, 200]);
    expect(await team.statuses("POST", `${at}/restore`, [linus, grace])).toEqual([404, 200]);
  });

  test("a membership of the project counts where it gives more; the organization's roles make nobody a member", async () => {
    const { ada, grace, linus } = team;
    const { project } = await organizedProject();
    const at = `/projects/${project.id}`;
    for (const [username, role] of [
      ["linus", "developer"],
      ["grace", "viewer"],
    ]) {
      await team.ask("POST", `${at}/users`, { as: ada, body: { username, role } });
    }
    const seen = async (as: Person) => (await team.ask<Project>("GET", at, { as })).body;
    expect((await seen(linus)).role).toBe("developer");
    expect(await seen(grace)).toMatchObject({ role: "owner", members: [{ role: "owner" }, {}, { role: "viewer" }] });
    const assigned = await team.ask<Problem>("POST", "/tasks", {
      as: grace,
      body: { title: "T", project_id: project.id, assignee_ids: [team.eve.user_id] },
    });
    expect(assigned.body.error_code).toBe("not_a_member");
    expect(await team.statuses("DELETE", `${at}/users/${ada.user_id}`, [grace])).toEqual([409]);
  });

  test("lists hold the organization's projects and tasks once, by every way of asking", async () => {
    const { ada, linus, grace } = team;
    const { project, task } = await organizedProject();
    await team.ask("POST", `/projects/${project.id}/users`, { as: ada, body: { username: "linus", role: "viewer" } });
    for (const as of [linus, grace]) {
      const projects = (await team.ask<Page<Project>>("GET", "/projects?limit=100&count=true", { as })).body;
      expect(projects.items.filter(({ id }) => id === project.id)).toHaveLength(1);
      expect(projects.total).toBe(projects.items.length);
      for (const query of [
        "",
        "sort=created_at",
        `project_id=${project.id}`,
        `project_id=${project.id}&status=pending`,
        "q=A task",
        "sort=due_at",
      ]) {
        const found = await team.ask<Page<Task>>("GET", `/tasks?limit=100&count=true&${query}`, { as });
        expect(found.body.items.filter(({ id }) => id === task.id)).toHaveLength(1);
        expect(found.body.total).toBe(found.body.items.length);
      }
    }
  });

  test("the list can be narrowed to one organization, or several", async () => {
    const { ada, eve } = team;
    const { organization, project } = await organizedProject();
    const list = async (as: Person, organization_id: string) =>
      team.ask<Page<Project>>("GET", `/projects?organization_id=${organization_id}&count=true`, { as });
    const { body } = await list(ada, organization.organization_id);
    expect([body.items.map(({ id }) => id), body.total]).toEqual([[project.id], 1]);
    const other = await organizedProject();
    const both = await list(ada, `${organization.organization_id},${other.organization.organization_id}`);
    expect([both.body.items.map(({ id }) => id), both.body.total]).toEqual([[other.project.id, project.id], 2]);
    expect((await list(eve, organization.organization_id)).body.items).toEqual([]);
    expect((await list(ada, newId())).body.items).toEqual([]);
    expect((await list(ada, "none")).status).toBe(422);
  });

  test("the trash shows to the organization's owners and admins", async () => {
    const { ada, grace, linus } = team;
    const { project } = await organizedProject();
    await team.ask("DELETE", `/projects/${project.id}`, { as: ada });
    const trash = async (as: Person) =>
      (await team.ask<Page<Project>>("GET", "/projects?deleted=true&limit=100", { as })).body.items.map(({ id }) => id);
    expect(await trash(grace)).toContain(project.id);
    expect(await trash(linus)).not.toContain(project.id);
  });

  test("follow the organization: a new role, leaving, erasure", async () => {
    const { grace, linus, eve } = team;
    const { organization, project } = await organizedProject();
    const at = `/projects/${project.id}`;
    const one = { ...organization, user_id: linus.user_id };
    await team.apply("organization.member_role_changed", { ...one, from: "member", to: "admin" });
    expect(await team.statuses("PATCH", at, [linus], { name: "By Linus" })).toEqual([200]);
    await team.apply("organization.member_removed", { ...one, role: "admin" });
    expect(await team.statuses("GET", at, [linus])).toEqual([403]);
    await team.apply("organization.updated", { ...organization, name: "New", slug: "new" });
    const kept = sql`select name, slug from organizations where organization_id = ${organization.organization_id}`;
    expect(await team.db.query(kept)).toEqual([{ name: "New", slug: "new" }]);
    const gone = await team.person("gone");
    await team.apply("organization.member_added", {
      ...organization,
      user_id: gone.user_id,
      role: "member",
      invitation_id: null,
    });
    expect(await team.statuses("GET", at, [gone, grace, eve])).toEqual([200, 200, 403]);
    await team.apply("user.erased", { user_id: gone.user_id, session_ids: [] });
    expect(await team.statuses("GET", at, [gone])).toEqual([403]);
  });
});

describe("PATCH /projects/{id} with organization_id", () => {
  test("moves it to another organization of one's own, out of it and back; the event says from where to where", async () => {
    const { ada, grace, linus } = team;
    const { organization, project } = await organizedProject();
    const { organization_id } = await organize(ada, [[linus, "admin"]]);
    const move = (as: Person, to: string | null) =>
      team.ask<Project>("PATCH", `/projects/${project.id}`, { as, body: { organization_id: to } });
    expect((await move(ada, organization_id)).body).toMatchObject({ organization_id, version: project.version + 1 });
    const { data } = await team.lastEvent(project.id);
    expect(data["changes"]).toEqual([
      { field: "organization_id", from: organization.organization_id, to: organization_id },
    ]);
    expect(await team.statuses("GET", `/projects/${project.id}`, [grace, linus])).toEqual([403, 200]);
    // Linus is no member of it himself, and moves it out of his own sight.
    expect(await move(linus, null)).toMatchObject({ status: 200, body: { organization_id: null } });
    expect(await team.statuses("GET", `/projects/${project.id}`, [linus, ada])).toEqual([403, 200]);
    expect((await move(ada, organization_id)).status).toBe(200);
  });

  test("403 for an organization that is not one's own and for viewers, 409 for a key that is taken there", async () => {
    const { ada, eve, linus } = team;
    const { organization, project } = await organizedProject();
    const theirs = await organize(eve);
    const refused = await team.ask<Problem>("PATCH", `/projects/${project.id}`, {
      as: ada,
      body: { organization_id: theirs.organization_id },
    });
    expect([refused.status, refused.body.error_code]).toEqual([403, "forbidden"]);
    const own = (await create(ada, { name: "Own", key: project.key })).body;
    const move = { organization_id: organization.organization_id };
    const taken = await team.ask<Problem>("PATCH", `/projects/${own.id}`, { as: ada, body: move });
    expect([taken.status, taken.body.error_code]).toEqual([409, "key_taken"]);
    expect(await team.statuses("PATCH", `/projects/${project.id}`, [linus], { organization_id: null })).toEqual([403]);
  });
});

describe("organization.deleted", () => {
  test("moves its projects to the trash with their tasks, each with an event; each comes back by itself", async () => {
    const { ada, grace, linus } = team;
    const { organization, project, task } = await organizedProject("Turbine");
    const { organization_id } = organization;
    const { body: second } = await create(ada, { name: "Second", organization_id });
    const other = await team.task(ada, { project_id: second.id });
    const earlier = await team.task(ada, { project_id: project.id });
    await team.ask("DELETE", `/tasks/${earlier.id}`, { as: ada });
    const { body: before } = await create(ada, { name: "Before", organization_id });
    await team.ask("DELETE", `/projects/${before.id}`, { as: ada });
    const elsewhere = await team.project("Elsewhere");

    await team.apply("organization.deleted", organization);

    const at = (id: string) => `/projects/${id}`;
    expect(await team.statuses("GET", at(project.id), [ada, grace, linus])).toEqual([200, 404, 404]);
    const { body: trashed } = await team.ask<Project>("GET", at(project.id), { as: ada });
    expect(trashed).toMatchObject({ deleted_at: expect.any(String), version: project.version + 1 });
    for (const { id, name, version } of [project, second]) {
      expect(await team.lastEvent(id)).toMatchObject({
        type: "project.trashed",
        data: { project_id: id, name, version: version + 1 },
      });
    }
    expect((await team.journal(before.id)).filter(({ type }) => type === "project.trashed")).toHaveLength(1);
    expect((await team.ask<Project>("GET", at(elsewhere.id), { as: ada })).body.deleted_at).toBeNull();
    expect(await team.statuses("POST", "/projects", [ada], { name: "X", organization_id })).toEqual([422]);

    expect(await team.statuses("POST", `${at(project.id)}/restore`, [ada])).toEqual([200]);
    expect((await team.read(task.id)).deleted_at).toBeNull();
    expect((await team.read(earlier.id)).deleted_at).not.toBeNull();
    expect((await team.read(other.id)).deleted_at).not.toBeNull();
    expect(await team.statuses("PATCH", at(project.id), [ada], { organization_id: null })).toEqual([200]);
  });
});
