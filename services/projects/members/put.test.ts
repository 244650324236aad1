import { afterAll, describe, expect, test } from "bun:test";
import { readYourWrites } from "@stoa/bus/read-your-writes";
import { newId } from "@stoa/db";
import { unclaimed } from "@stoa/journal";
import type { Member, Project } from "../projects/schema.ts";
import { startTeam } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import { putMember } from "./put.ts";

const world = await startTeam();
const { ada, grace, linus, eve, root } = world;
afterAll(() => world.close());

const make = async () => (await world.ask<Project>("POST", "/projects", { as: ada, body: { name: "Team" } })).body.id;
const put = (project: string, as: Person | null, body: object) =>
  world.ask<Member>("POST", `/projects/${project}/users`, { as, body });
const problem = (project: string, as: Person | null, body: unknown) =>
  world.ask("POST", `/projects/${project}/users`, { as, body });
const read = async (project: string) => (await world.ask<Project>("GET", `/projects/${project}`, { as: ada })).body;

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
    const project = (await world.project()).id;
    const changed = await put(project, ada, { user_id: grace.user_id, role: "owner" });
    expect([changed.status, changed.body.role]).toEqual([200, "owner"]);
    const events = await world.journal(project);
    expect(JSON.parse(events.at(-1)?.data ?? "")).toMatchObject({
      user_id: grace.user_id,
      from: "developer",
      to: "owner",
    });
    const again = await put(project, ada, { user_id: grace.user_id, role: "owner" });
    expect([again.status, again.body]).toEqual([200, changed.body]);
    expect(await world.journal(project)).toHaveLength(events.length);
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
    const result = await putMember(deps, ada.actor, project, { user_id: late.user_id, role: "viewer" }, unclaimed);
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
    const project = (await world.project()).id;
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

  test("403 for whoever is not an owner, 401 without a token; a superuser may", async () => {
    const project = (await world.project()).id;
    const body = { username: "eve", role: "viewer" };
    const statuses = [];
    for (const as of [grace, linus, eve, null, root]) statuses.push((await problem(project, as, body)).status);
    expect(statuses).toEqual([403, 403, 403, 401, 201]);
  });
});
