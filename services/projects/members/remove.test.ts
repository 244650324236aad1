import { afterAll, describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import type { Page } from "@stoa/http";
import type { Member, Project } from "../projects/schema.ts";
import type { Task } from "../tasks/schema.ts";
import { startTeam } from "../test/team.ts";
import type { Person } from "../test/world.ts";

const world = await startTeam();
const { ada, grace, linus, eve, root } = world;
afterAll(() => world.close());

const make = async () => (await world.ask<Project>("POST", "/projects", { as: ada, body: { name: "Team" } })).body.id;
const put = (project: string, as: Person | null, body: object) =>
  world.ask<Member>("POST", `/projects/${project}/users`, { as, body });
const problem = (project: string, as: Person | null, body: unknown) =>
  world.ask("POST", `/projects/${project}/users`, { as, body });
const remove = (project: string, as: Person | null, who: Person) =>
  world.ask("DELETE", `/projects/${project}/users/${who.user_id}`, { as });
const read = async (project: string) => (await world.ask<Project>("GET", `/projects/${project}`, { as: ada })).body;

describe("DELETE /projects/{id}/users/{user_id}", () => {
  test("an owner takes anyone out, anyone leaves", async () => {
    const project = (await world.project()).id;
    expect((await remove(project, ada, grace)).status).toBe(204);
    expect((await remove(project, linus, linus)).status).toBe(204);
    expect((await read(project)).members.map(({ username }) => username)).toEqual(["ada"]);
    expect((await world.ask("GET", `/projects/${project}`, { as: grace })).status).toBe(403);
    const events = (await world.journal(project)).slice(-2);
    expect(events.map(({ type, actor_id }) => [type, actor_id])).toEqual([
      ["project.member_removed", ada.user_id],
      ["project.member_removed", linus.user_id],
    ]);
  });

  test("takes them off the project's tasks, and each task's log says so", async () => {
    const project = (await world.project()).id;
    const body = { title: "Shared", project_id: project, assignee_ids: [grace.user_id, linus.user_id] };
    const task = (await world.ask<Task>("POST", "/tasks", { as: ada, body })).body;
    await remove(project, ada, grace);
    const after = (await world.ask<Task>("GET", `/tasks/${task.id}`, { as: ada })).body;
    expect(after).toMatchObject({ assignee_ids: [linus.user_id], version: 2 });
    const event = (await world.journal(task.id)).at(-1);
    expect(event?.type).toBe("task.unassigned");
    expect(JSON.parse(event?.data ?? "")).toEqual({
      task_id: task.id,
      project_id: project,
      key: task.key,
      title: "Shared",
      version: 2,
      user_ids: [grace.user_id],
      changes: [{ field: "assignee_ids", from: [grace.user_id, linus.user_id], to: [linus.user_id] }],
    });
    const theirs = await world.ask<Page<Task>>("GET", `/tasks?assignee_id=${grace.user_id}&project_id=${project}`, {
      as: ada,
    });
    expect(theirs.body.items).toEqual([]);
  });

  test("409 for the last owner, who stays", async () => {
    const project = (await world.project()).id;
    const { status, body } = await remove(project, ada, ada);
    expect([status, body.error_code]).toEqual([409, "last_owner"]);
    expect((await read(project)).members).toHaveLength(3);
  });

  test("409 when the owners that would remain are all disabled; one who is enabled again lets the other go", async () => {
    const project = await make();
    const idle = await world.person("idle");
    const asked = { user_id: idle.user_id };
    await put(project, ada, { username: "idle", role: "owner" });
    await world.apply("user.disabled", { ...asked, session_ids: [] });
    expect((await remove(project, ada, ada)).body.error_code).toBe("last_owner");
    expect((await remove(project, root, ada)).status).toBe(409);
    expect((await problem(project, ada, { user_id: ada.user_id, role: "developer" })).body.error_code).toBe(
      "last_owner",
    );
    // Whoever is disabled may go: an active owner remains.
    await put(project, ada, { username: "grace", role: "owner" });
    expect((await remove(project, grace, idle)).status).toBe(204);
    await put(project, ada, { username: "idle", role: "owner" });
    const leaving = await Promise.all([remove(project, ada, ada), remove(project, grace, grace)]);
    expect(leaving.map(({ status }) => status).sort()).toEqual([204, 409]);
    await world.apply("user.enabled", asked);
    const [last] = leaving[0]?.status === 409 ? [ada] : [grace];
    expect((await remove(project, last, last)).status).toBe(204);
  });

  test("of two owners who leave at once, one stays", async () => {
    for (let round = 0; round < 10; round++) {
      const project = await make();
      await put(project, ada, { username: "grace", role: "owner" });
      const statuses = await Promise.all([remove(project, ada, ada), remove(project, grace, grace)]);
      expect(statuses.map(({ status }) => status).sort()).toEqual([204, 409]);
    }
  });

  test("of two owners who demote each other at once, one stays", async () => {
    const project = await make();
    await put(project, ada, { username: "grace", role: "owner" });
    const [one, other] = await Promise.all([
      problem(project, ada, { user_id: grace.user_id, role: "viewer" }),
      problem(project, grace, { user_id: ada.user_id, role: "viewer" }),
    ]);
    expect([one.status, other.status].sort()).toEqual([200, 403]);
  });

  test("403 for whoever is neither owner nor leaving, 404 for a user who is no member, 401 without a token", async () => {
    const project = (await world.project()).id;
    const statuses = [];
    for (const as of [grace, linus, eve, null]) statuses.push((await remove(project, as, ada)).status);
    expect(statuses).toEqual([403, 403, 403, 401]);
    expect((await remove(project, ada, eve)).status).toBe(404);
    expect((await remove(project, root, grace)).status).toBe(204);
  });
});

describe("when a user is erased", () => {
  test("their memberships and assignments end, with an event for each, and they can own nothing any more", async () => {
    const project = (await world.project()).id;
    const old = await world.person("old");
    await put(project, ada, { username: "old", role: "owner" });
    const body = { title: "Theirs", project_id: project, assignee_ids: [old.user_id] };
    const task = (await world.ask<Task>("POST", "/tasks", { as: ada, body })).body;
    await world.apply("user.erased", { user_id: old.user_id, session_ids: [] });
    const after = await read(project);
    expect(after.members.some(({ user_id }) => user_id === old.user_id)).toBe(false);
    expect((await world.ask<Task>("GET", `/tasks/${task.id}`, { as: ada })).body.assignee_ids).toEqual([]);
    const last = (await world.journal(project)).at(-1);
    expect([last?.type, last?.actor_id]).toEqual(["project.member_removed", null]);
    expect(JSON.parse(last?.data ?? "")).toEqual({
      project_id: project,
      name: "Team",
      version: after.version,
      user_id: old.user_id,
      role: "owner",
    });
    const logs = await world.ask<Page<{ type: string; source: string }>>("GET", `/tasks/${task.id}/logs`, { as: ada });
    expect(logs.body.items[0]).toMatchObject({ type: "task.unassigned", source: "system" });
  });

  test("where they acted from is forgotten", async () => {
    const project = (await world.project()).id;
    const gone = await world.person("gone");
    await put(project, ada, { username: "gone", role: "developer" });
    const as = { as: gone, body: { title: "Theirs", project_id: project } };
    await world.ask("POST", "/tasks", { ...as, headers: { "user-agent": "Lynx" } });
    const theirs = () => world.db.query(sql`select device_info from journal where actor_id = ${gone.user_id}`);
    expect(await theirs()).toEqual([{ device_info: "Lynx" }]);
    await world.apply("user.erased", { user_id: gone.user_id, session_ids: [] });
    expect(await theirs()).toEqual([{ device_info: null }]);
  });
});
