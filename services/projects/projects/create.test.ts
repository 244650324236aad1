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
      timezone: "UTC",
      working_days: [1, 2, 3, 4, 5],
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

  test("keeps a key in capitals, and makes one where it is null", async () => {
    const keys = [(await make(ada, { key: "lower" })).key, (await make(ada, { name: "Ibis", key: null })).key];
    expect(keys).toEqual(["LOWER", "IBI"]);
  });

  test("409 for a key that another project of the same owner has", async () => {
    await make(ada, { key: "TAKEN" });
    const { status, body } = await world.ask("POST", "/projects", { as: ada, body: { name: "X", key: "taken" } });
    expect([status, body.error_code]).toEqual([409, "key_taken"]);
  });

  test("401 for a user who was erased after their token was verified, as for all else that would be theirs", async () => {
    const [gone, root] = [await world.person("gone"), await world.person("former", { superuser: true })];
    const { id } = await make(ada);
    for (const { user_id } of [gone, root]) await world.apply("user.erased", { user_id, session_ids: [] });
    const own = { source: "tracker", projects: [{ external_id: "p", name: "Own" }] };
    for (const [as, path, body] of [
      [gone, "/projects", { name: "Own" }],
      [gone, "/tasks", { title: "Own" }],
      [gone, "/data/save", own],
      [root, "/projects", { name: "Own" }],
      [root, `/projects/${id}/views`, { name: "Own", filter: {} }],
      [root, "/tasks", { title: "Theirs", project_id: id }],
    ] as const) {
      const answer = await world.ask("POST", path, { as, body });
      expect([path, answer.status, answer.body.error_code]).toEqual([path, 401, "session_revoked"]);
    }
  });

  test.each([
    ["no name", {}, "/name"],
    ["an empty name", { name: "" }, "/name"],
    ["a name of spaces", { name: "   " }, "/name"],
    ["a name too long", { name: "x".repeat(256) }, "/name"],
    ["a number for a name", { name: 7 }, "/name"],
    ["a description too long", { name: "X", description: "x".repeat(20_001) }, "/description"],
    ["a key with a dash", { name: "X", key: "LOW-ER" }, "/key"],
    ["a key that begins with a digit", { name: "X", key: "1ST" }, "/key"],
    ["an unknown field", { name: "X", colour: "red" }, "/colour"],
    ["an organization that is not known", { name: "X", organization_id: newId() }, "/organization_id"],
  ])("422 for %s, naming the field", async (_, body, path) => {
    const answer = await world.ask("POST", "/projects", { as: ada, body });
    expect([answer.status, answer.body.error_code]).toEqual([422, "validation_failed"]);
    expect(answer.body.errors?.map((error) => error.path)).toEqual([path]);
  });
});
