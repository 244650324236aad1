import { afterAll, describe, expect, test } from "bun:test";
import { newId } from "@stoa/db";
import { startTeam } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import type { Project } from "./schema.ts";

const world = await startTeam();
const { ada, grace, linus, root } = world;
afterAll(() => world.close());

const make = async (as: Person, body: object = {}) =>
  (await world.ask<Project>("POST", "/projects", { as, body: { name: `Project ${newId()}`, ...body } })).body;

describe.each(["PATCH", "PUT"])("%s /projects/{id}", (method) => {
  test("changes what it names, clears what is null, keeps the rest", async () => {
    const project = await make(ada, { name: "Before", description: "Some" });
    const { status, headers, body } = await world.ask<Project>(method, `/projects/${project.id}`, {
      as: ada,
      body: { name: "After", description: null },
    });
    expect([status, headers.get("etag")]).toEqual([200, '"2"']);
    expect(body).toMatchObject({ name: "After", description: null, key: project.key, version: 2 });
    const [, row] = await world.journal(project.id);
    expect(JSON.parse(row?.data ?? "")).toEqual({
      project_id: project.id,
      name: "After",
      version: 2,
      changes: [
        { field: "name", from: "Before", to: "After" },
        { field: "description", from: "Some", to: null },
      ],
    });
  });

  test("has a time zone and working days, in order; null takes them back to UTC and Monday to Friday", async () => {
    const { id } = await make(ada, { timezone: "Europe/Berlin", working_days: [7, 1] });
    const change = async (body: object) =>
      (await world.ask<Project>(method, `/projects/${id}`, { as: ada, body })).body;
    expect(await change({})).toMatchObject({ timezone: "Europe/Berlin", working_days: [1, 7], version: 1 });
    expect(await change({ working_days: [7, 1] })).toMatchObject({ version: 1 });
    expect(await change({ working_days: [3, 2] })).toMatchObject({ working_days: [2, 3], version: 2 });
    expect((await world.lastEvent(id)).data["changes"]).toEqual([{ field: "working_days", from: [1, 7], to: [2, 3] }]);
    expect(await change({ timezone: null, working_days: null })).toMatchObject({
      timezone: "UTC",
      working_days: [1, 2, 3, 4, 5],
      version: 3,
    });
  });

  test.each([
    ["a zone that is none", { timezone: "Europe/Atlantis" }, "/timezone"],
    ["an offset", { timezone: "+01:00" }, "/timezone"],
    ["no day at all", { working_days: [] }, "/working_days"],
    ["an eighth day", { working_days: [8] }, "/working_days/0"],
    ["a day twice", { working_days: [1, 1] }, "/working_days"],
  ])("422 for %s", async (_, body, path) => {
    const { id } = await make(ada);
    const { status, body: problem } = await world.ask(method, `/projects/${id}`, { as: ada, body });
    expect([status, problem.errors?.[0]?.path]).toEqual([422, path]);
  });

  test("a project sent back as it was fetched changes nothing and keeps its version", async () => {
    const project = await make(ada);
    const { status, body } = await world.ask<Project>(method, `/projects/${project.id}`, { as: ada, body: project });
    expect([status, body]).toEqual([200, project]);
    expect(await world.journal(project.id)).toHaveLength(1);
  });

  test("422 for a read-only field that differs, and for an unknown one", async () => {
    const { id } = await make(ada);
    for (const body of [{ key: "OTHER" }, { organization_id: newId() }, { members: [] }, { colour: "red" }]) {
      expect((await world.ask(method, `/projects/${id}`, { as: ada, body })).body.error_code).toBe("validation_failed");
    }
  });

  test("merges what does not overlap with If-Match, 412 with the present project for what does", async () => {
    const { id } = await make(ada);
    const headers = { "if-match": '"1"' };
    await world.ask(method, `/projects/${id}`, { as: ada, body: { name: "First" }, headers });
    const merged = await world.ask<Project>(method, `/projects/${id}`, {
      as: ada,
      body: { description: "New" },
      headers,
    });
    expect(merged.body).toMatchObject({ name: "First", description: "New", version: 3 });
    const stale = await world.ask(method, `/projects/${id}`, { as: ada, body: { name: "Second" }, headers });
    expect([stale.status, stale.body.error_code, stale.body.current?.version]).toEqual([412, "version_conflict", 3]);
    for (const tag of ['"9"', 'W/"9"', '"x"']) {
      const body = { name: "Third" };
      expect((await world.ask(method, `/projects/${id}`, { as: ada, body, headers: { "if-match": tag } })).status).toBe(
        412,
      );
    }
    const any = await world.ask(method, `/projects/${id}`, {
      as: ada,
      body: { name: "Fourth" },
      headers: { "if-match": "*" },
    });
    expect(any.status).toBe(200);
  });

  test("403 for developers, viewers and others, 401 without a token, a superuser may", async () => {
    const { id } = await world.project();
    const body = { name: "Mine" };
    const status = async (as: Person | null) => (await world.ask(method, `/projects/${id}`, { as, body })).status;
    const eve = await world.person(`eve-${method.toLowerCase()}`);
    expect([await status(grace), await status(linus), await status(eve), await status(null)]).toEqual([
      403, 403, 403, 401,
    ]);
    expect(await status(root)).toBe(200);
  });
});
