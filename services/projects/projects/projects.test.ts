import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId } from "@stoa/db";
import type { Page } from "@stoa/http";
import { type Asker, startWorld, type World } from "../test/world.ts";
import type { Project } from "./schema.ts";

let world: World;
let ada: Asker;
let grace: Asker;
let linus: Asker;
let root: Asker;

beforeAll(async () => {
  world = await startWorld();
  [ada, grace, linus] = [await world.person("ada"), await world.person("grace"), await world.person("linus")];
  root = await world.person("root", { superuser: true });
});
afterAll(() => world.close());

const make = async (as: Asker, body: object = {}) =>
  (await world.ask<Project>("POST", "/projects", { as, body: { name: `Project ${newId()}`, ...body } })).body;

async function withMembers() {
  const project = await make(ada);
  const add = (username: string, role: string) =>
    world.ask("POST", `/projects/${project.id}/users`, { as: ada, body: { username, role } });
  await add("grace", "developer");
  await add("linus", "viewer");
  return project;
}

describe("POST /projects", () => {
  test("answers 201 with the project, its place and its version; who makes it owns it", async () => {
    const { status, headers, body } = await world.ask<Project>("POST", "/projects", {
      as: ada,
      body: { name: "  Apollo  ", description: "To the Moon" },
    });
    expect(status).toBe(201);
    expect(headers.get("location")).toBe(`/api/v1/projects/${body.id}`);
    expect(headers.get("etag")).toBe('"1"');
    expect(body).toEqual({
      id: body.id,
      key: "APO",
      name: "Apollo",
      description: "To the Moon",
      organization_id: null,
      role: "owner",
      members: [{ user_id: ada.user_id, username: "ada", full_name: "Ada", is_active: true, role: "owner" }],
      version: 1,
      created_at: body.created_at,
      updated_at: body.created_at,
      deleted_at: null,
    });
  });

  test("says who made it, by the token's name, before the directory knows them", async () => {
    const early = await world.person("early", { known: false });
    const project = await make(early);
    expect(project.members).toEqual([
      { user_id: early.user_id, username: "early", full_name: null, is_active: true, role: "owner" },
    ]);
  });

  test("appends project.created with who owns it", async () => {
    const project = await make(ada, { name: "Journalled", key: "JRN" });
    const [row] = await world.journal(project.id);
    expect(row).toMatchObject({ type: "project.created", actor_id: ada.user_id });
    expect(JSON.parse(row?.data ?? "")).toEqual({
      project_id: project.id,
      name: "Journalled",
      key: "JRN",
      organization_id: null,
      owner_id: ada.user_id,
      version: 1,
    });
  });

  test("makes keys from names and numbers those that are taken, for each owner apart", async () => {
    const [first, second] = [await make(grace, { name: "Zebra" }), await make(grace, { name: "Zebra" })];
    expect([first.key, second.key, (await make(linus, { name: "Zebra" })).key]).toEqual(["ZEB", "ZEB2", "ZEB"]);
  });

  test("many at once with the same name each get a key of their own", async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => make(linus, { name: "Quagga" })));
    expect(new Set(made.map(({ key }) => key)).size).toBe(8);
  });

  test("with the same Idempotency-Key makes one project, also at once", async () => {
    const body = { name: "Once" };
    const headers = { "idempotency-key": newId() };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => world.ask<Project>("POST", "/projects", { as: ada, body, headers })),
    );
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    expect(answers.map((answer) => answer.status)).toEqual([201, 201, 201, 201, 201]);
    expect(answers.filter((answer) => answer.headers.get("idempotent-replayed") === "true")).toHaveLength(4);
    const other = await world.ask("POST", "/projects", { as: ada, body: { name: "Twice" }, headers });
    expect([other.status, other.body.error_code]).toEqual([422, "idempotency_key_reused"]);
  });

  test("401 without a token", async () => {
    const { status, body } = await world.ask("POST", "/projects", { body: { name: "X" } });
    expect([status, body.error_code]).toEqual([401, "unauthorized"]);
  });

  test("409 for a key that another project of the same owner has", async () => {
    await make(ada, { key: "TAKEN" });
    const { status, body } = await world.ask("POST", "/projects", { as: ada, body: { name: "X", key: "TAKEN" } });
    expect([status, body.error_code]).toEqual([409, "key_taken"]);
  });

  test.each([
    ["no name", {}, "/name"],
    ["an empty name", { name: "" }, "/name"],
    ["a name of spaces", { name: "   " }, "/name"],
    ["a name too long", { name: "x".repeat(256) }, "/name"],
    ["a number for a name", { name: 7 }, "/name"],
    ["a description too long", { name: "X", description: "x".repeat(20_001) }, "/description"],
    ["a key in small letters", { name: "X", key: "lower" }, "/key"],
    ["a key that begins with a digit", { name: "X", key: "1ST" }, "/key"],
    ["an unknown field", { name: "X", colour: "red" }, "/colour"],
    ["an organization that is not known", { name: "X", organization_id: newId() }, "/organization_id"],
  ])("422 for %s, naming the field", async (_, body, path) => {
    const answer = await world.ask("POST", "/projects", { as: ada, body });
    expect([answer.status, answer.body.error_code]).toEqual([422, "validation_failed"]);
    expect(answer.body.errors?.map((error) => error.path)).toEqual([path]);
  });
});

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
    const project = await withMembers();
    await world.ask("DELETE", `/projects/${project.id}`, { as: ada });
    const trashOf = async (as: Asker) =>
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
    const project = await withMembers();
    const { status, headers, body } = await world.ask<Project>("GET", `/projects/${project.id}`, { as: linus });
    expect([status, headers.get("etag"), body.role]).toEqual([200, '"3"', "viewer"]);
    expect(body.members.map(({ username, role }) => [username, role])).toEqual([
      ["ada", "owner"],
      ["grace", "developer"],
      ["linus", "viewer"],
    ]);
  });

  test("404 for who is not a member, for ids that are unknown or none; 401 without a token", async () => {
    const project = await make(ada);
    expect((await world.ask("GET", `/projects/${project.id}`, { as: grace })).status).toBe(404);
    expect((await world.ask("GET", `/projects/${newId()}`, { as: ada })).status).toBe(404);
    expect((await world.ask("GET", "/projects/nothing", { as: ada })).status).toBe(404);
    expect((await world.ask("GET", `/projects/${project.id}`)).status).toBe(401);
  });

  test("asks the database once", async () => {
    const project = await make(ada);
    expect(await world.statementsOf(() => world.ask("GET", `/projects/${project.id}`, { as: ada }))).toHaveLength(1);
  });
});

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
    for (const tag of ['"9"', 'W/"3"', '"x"']) {
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

  test("403 for developers and viewers, 404 for others, 401 without a token, a superuser may", async () => {
    const { id } = await withMembers();
    const body = { name: "Mine" };
    const status = async (as: Asker | null) => (await world.ask(method, `/projects/${id}`, { as, body })).status;
    const eve = await world.person(`eve-${method.toLowerCase()}`);
    expect([await status(grace), await status(linus), await status(eve), await status(null)]).toEqual([
      403, 403, 404, 401,
    ]);
    expect(await status(root)).toBe(200);
  });
});

describe("DELETE /projects/{id} and POST …/restore", () => {
  test("moves it to the trash with its tasks, and back with those that went with it", async () => {
    const project = await withMembers();
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
    const facts = (await world.journal(project.id)).map(({ type }) => type).slice(-2);
    expect(facts).toEqual(["project.trashed", "project.restored"]);
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

  test("403 for who is not an owner, 404 for others, 401 without a token", async () => {
    const { id } = await withMembers();
    const eve = await world.person("eve-deletes");
    for (const [method, path] of [
      ["DELETE", `/projects/${id}`],
      ["POST", `/projects/${id}/restore`],
    ] as const) {
      const statuses = [];
      for (const as of [grace, linus, eve, null]) statuses.push((await world.ask(method, path, { as })).status);
      expect(statuses).toEqual([403, 403, 404, 401]);
    }
  });
});
