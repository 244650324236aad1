import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readYourWrites } from "@stoa/bus/read-your-writes";
import { newId } from "@stoa/db";
import type { Page } from "@stoa/http";
import type { Member, Project } from "../projects/schema.ts";
import type { Task } from "../tasks/schema.ts";
import { type Asker, startWorld, type World } from "../test/world.ts";
import { putMember } from "./put.ts";

let world: World;
let ada: Asker;
let grace: Asker;
let linus: Asker;
let eve: Asker;
let root: Asker;

beforeAll(async () => {
  world = await startWorld();
  [ada, grace] = [await world.person("ada"), await world.person("grace")];
  [linus, eve] = [await world.person("linus"), await world.person("eve")];
  root = await world.person("root", { superuser: true });
});
afterAll(() => world.close());

const make = async () => (await world.ask<Project>("POST", "/projects", { as: ada, body: { name: "Team" } })).body.id;
const put = (project: string, as: Asker | null, body: object) =>
  world.ask<Member>("POST", `/projects/${project}/users`, { as, body });
const problem = (project: string, as: Asker | null, body: unknown) =>
  world.ask("POST", `/projects/${project}/users`, { as, body });
const remove = (project: string, as: Asker | null, who: Asker) =>
  world.ask("DELETE", `/projects/${project}/users/${who.user_id}`, { as });
const read = async (project: string) => (await world.ask<Project>("GET", `/projects/${project}`, { as: ada })).body;

/** Ada owns it, Grace develops, Linus looks on. */
async function team() {
  const project = await make();
  await put(project, ada, { username: "grace", role: "developer" });
  await put(project, ada, { user_id: linus.user_id, role: "viewer" });
  return project;
}

describe("POST /projects/{id}/users", () => {
  test("adds someone by username, whatever its case: 201 with the member", async () => {
    const project = await make();
    const { status, headers, body } = await put(project, ada, { username: "GRACE", role: "developer" });
    expect(status).toBe(201);
    expect(headers.get("location")).toBe(`/api/v1/projects/${project}/users/${grace.user_id}`);
    expect(body).toEqual({
      user_id: grace.user_id,
      username: "grace",
      full_name: "Grace",
      is_active: true,
      role: "developer",
    });
    const [, row] = await world.journal(project);
    expect(row?.type).toBe("project.member_added");
    expect(JSON.parse(row?.data ?? "")).toEqual({
      project_id: project,
      name: "Team",
      version: 2,
      user_id: grace.user_id,
      role: "developer",
    });
    expect((await read(project)).version).toBe(2);
  });

  test("gives a member another role: 200; the same role again changes nothing", async () => {
    const project = await team();
    const changed = await put(project, ada, { user_id: grace.user_id, role: "owner" });
    expect([changed.status, changed.body.role]).toEqual([200, "owner"]);
    const facts = await world.journal(project);
    expect(JSON.parse(facts.at(-1)?.data ?? "")).toMatchObject({
      user_id: grace.user_id,
      from: "developer",
      to: "owner",
    });
    const again = await put(project, ada, { user_id: grace.user_id, role: "owner" });
    expect([again.status, again.body]).toEqual([200, changed.body]);
    expect(await world.journal(project)).toHaveLength(facts.length);
  });

  test("adds someone once, however many ask at once", async () => {
    const project = await make();
    const body = { username: "grace", role: "viewer" };
    const answers = await Promise.all(Array.from({ length: 10 }, () => put(project, ada, body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 200, 200, 201]);
    expect((await world.journal(project)).map(({ type }) => type)).toEqual(["project.created", "project.member_added"]);
  });

  test("the same Idempotency-Key answers with the member again", async () => {
    const project = await make();
    const ask = () =>
      world.ask<Member>("POST", `/projects/${project}/users`, {
        as: ada,
        body: { username: "grace", role: "viewer" },
        headers: { "idempotency-key": "k" },
      });
    const [first, second] = [await ask(), await ask()];
    expect([second.status, second.body]).toEqual([201, first.body]);
    expect(second.headers.get("idempotent-replayed")).toBe("true");
  });

  test("waits for someone who registered a moment ago", async () => {
    const project = await make();
    const late = await world.person("late", { known: false });
    let registered: Promise<void> | undefined;
    const deps = {
      ...world.deps,
      readYourWrites: readYourWrites({
        onApplied: (listener) => {
          // They are registered once the command has begun to wait.
          registered = world.register(late).then(listener);
          return () => undefined;
        },
      }),
    };
    const result = await putMember(deps, ada.actor, project, { user_id: late.user_id, role: "viewer" });
    await registered;
    expect(result).toMatchObject({ added: true, member: { username: "late" } });
  });

  test("404 for a user nobody knows, and for an erased one", async () => {
    const project = await make();
    const gone = await world.person("gone");
    await world.apply("user.erased", { user_id: gone.user_id, session_ids: [] });
    for (const who of [{ username: "nobody" }, { user_id: newId() }, { user_id: gone.user_id }, { username: "gone" }]) {
      expect((await problem(project, ada, { ...who, role: "viewer" })).body.error_code).toBe("not_found");
    }
  });

  test("409 when the only owner would become something else", async () => {
    const project = await team();
    const { status, body } = await problem(project, ada, { user_id: ada.user_id, role: "viewer" });
    expect([status, body.error_code]).toEqual([409, "last_owner"]);
    expect((await read(project)).role).toBe("owner");
  });

  test.each([
    ["no role", { username: "grace" }],
    ["an unknown role", { username: "grace", role: "god" }],
    ["nobody", { role: "viewer" }],
    ["both names", { username: "grace", user_id: newId(), role: "viewer" }],
    ["an id that is none", { user_id: "grace", role: "viewer" }],
    ["an unknown field", { username: "grace", role: "viewer", since: 2020 }],
  ])("422 for %s", async (_, body) => {
    const answer = await problem(await make(), ada, body);
    expect([answer.status, answer.body.error_code]).toEqual([422, "validation_failed"]);
  });

  test("403 for who is not an owner, 404 for others, 401 without a token; a superuser may", async () => {
    const project = await team();
    const body = { username: "eve", role: "viewer" };
    const statuses = [];
    for (const as of [grace, linus, eve, null, root]) statuses.push((await problem(project, as, body)).status);
    expect(statuses).toEqual([403, 403, 404, 401, 201]);
  });
});

describe("GET /projects/{id}/users", () => {
  test("lists the members, the latest first, page by page", async () => {
    const project = await team();
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

  test("401 without a token, 404 for others, 422 for a cursor of another project", async () => {
    const [project, other] = [await team(), await team()];
    expect((await world.ask("GET", `/projects/${project}/users`)).status).toBe(401);
    expect((await world.ask("GET", `/projects/${project}/users`, { as: eve })).status).toBe(404);
    const { body } = await world.ask<Page<Member>>("GET", `/projects/${project}/users?limit=1`, { as: ada });
    const moved = await world.ask("GET", `/projects/${other}/users?limit=1&cursor=${body.next_cursor}`, { as: ada });
    expect(moved.body.error_code).toBe("invalid_cursor");
  });
});

describe("DELETE /projects/{id}/users/{user_id}", () => {
  test("an owner takes anyone out, anyone leaves", async () => {
    const project = await team();
    expect((await remove(project, ada, grace)).status).toBe(204);
    expect((await remove(project, linus, linus)).status).toBe(204);
    expect((await read(project)).members.map(({ username }) => username)).toEqual(["ada"]);
    expect((await world.ask("GET", `/projects/${project}`, { as: grace })).status).toBe(404);
    const facts = (await world.journal(project)).slice(-2);
    expect(facts.map(({ type, actor_id }) => [type, actor_id])).toEqual([
      ["project.member_removed", ada.user_id],
      ["project.member_removed", linus.user_id],
    ]);
  });

  test("takes them off the project's tasks, and each task's log says so", async () => {
    const project = await team();
    const body = { title: "Shared", project_id: project, assignee_ids: [grace.user_id, linus.user_id] };
    const task = (await world.ask<Task>("POST", "/tasks", { as: ada, body })).body;
    await remove(project, ada, grace);
    const after = (await world.ask<Task>("GET", `/tasks/${task.id}`, { as: ada })).body;
    expect(after).toMatchObject({ assignee_ids: [linus.user_id], version: 2 });
    const fact = (await world.journal(task.id)).at(-1);
    expect(fact?.type).toBe("task.unassigned");
    expect(JSON.parse(fact?.data ?? "")).toEqual({
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
    const project = await team();
    const { status, body } = await remove(project, ada, ada);
    expect([status, body.error_code]).toEqual([409, "last_owner"]);
    expect((await read(project)).members).toHaveLength(3);
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

  test("403 for who is neither owner nor leaving, 404 for others and for who is no member, 401 without a token", async () => {
    const project = await team();
    const statuses = [];
    for (const as of [grace, linus, eve, null]) statuses.push((await remove(project, as, ada)).status);
    expect(statuses).toEqual([403, 403, 404, 401]);
    expect((await remove(project, ada, eve)).status).toBe(404);
    expect((await remove(project, root, grace)).status).toBe(204);
  });
});

describe("when a user is erased", () => {
  test("their memberships and assignments end, with a fact for each, and they can own nothing any more", async () => {
    const project = await team();
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
});
