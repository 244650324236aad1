import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import type { Page } from "@stoa/http";
import { nextMoment } from "@stoa/testing";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import type { Task, TaskLogEntry } from "./schema.ts";

let team: Team;
let project_id: string;
beforeAll(async () => {
  team = await startTeam();
  project_id = (await team.project("Finish")).id;
});
afterAll(() => team.close());

const make = (body: object = {}) => team.task(team.ada, { project_id, ...body });
const complete = (id: string, as: Person, match?: string) =>
  team.ask<Task>("PATCH", `/tasks/${id}/complete`, { as, ...(match ? { headers: { "if-match": match } } : {}) });
const reopen = (id: string, as: Person) => team.ask<Task>("POST", `/tasks/${id}/reopen`, { as });

describe("GET /tasks/{id}/logs", () => {
  const logs = async (id: string, query = "", as: Person = team.linus) =>
    (await team.ask<Page<TaskLogEntry>>("GET", `/tasks/${id}/logs${query}`, { as })).body;

  test("says who did what, the latest first", async () => {
    const { id } = await make({ assignee_ids: [team.grace.user_id] });
    await team.ask("PATCH", `/tasks/${id}`, { as: team.ada, body: { priority: "high" } });
    await complete(id, team.grace);
    const { items } = await logs(id);
    expect(
      items.map(({ actor_id, type, changes, source, task_id }) => ({ actor_id, type, changes, source, task_id })),
    ).toEqual([
      {
        actor_id: team.grace.user_id,
        type: "task.completed",
        changes: [{ field: "status", from: "pending", to: "completed", from_text: "pending", to_text: "completed" }],
        source: "user",
        task_id: id,
      },
      {
        actor_id: team.ada.user_id,
        type: "task.updated",
        changes: [{ field: "priority", from: "medium", to: "high", from_text: "medium", to_text: "high" }],
        source: "user",
        task_id: id,
      },
      expect.objectContaining({ type: "task.created", actor_id: team.ada.user_id }),
    ]);
    expect(items[0]?.occurred_at).toBe((await team.read(id)).completed_at ?? "");
  });

  test("goes page by page", async () => {
    const { id } = await make();
    await complete(id, team.ada);
    await reopen(id, team.ada);
    const first = await logs(id, "?limit=2&count=true");
    const second = await logs(id, `?limit=2&cursor=${first.next_cursor}`);
    expect([...first.items, ...second.items].map(({ type }) => type)).toEqual([
      "task.reopened",
      "task.completed",
      "task.created",
    ]);
    expect([first.total, second.next_cursor]).toEqual([3, null]);
  });

  test("one request is one entry, however many events it made, and says names for ids", async () => {
    const parent = await make({ title: "Whole" });
    const { id } = await make({ assignee_ids: [team.grace.user_id] });
    const body = { assignee_ids: [team.ada.user_id, team.linus.user_id], parent_id: parent.id, labels: ["a", "b"] };
    await team.ask("PATCH", `/tasks/${id}`, { as: team.ada, body, headers: { "x-request-id": "the same each time" } });
    // Requests of one id, which a client should not give twice, are told apart by their times.
    await nextMoment();
    await team.ask("PATCH", `/tasks/${id}`, {
      as: team.ada,
      body: { due_at: "2027-01-01T00:00:00Z", assignee_ids: [] },
      headers: { "x-request-id": "the same each time" },
    });
    expect((await team.journal(id)).map(({ type }) => type)).toHaveLength(5);
    const { items, total } = await logs(id, "?count=true");
    expect([items.length, total]).toEqual([3, 3]);
    const texts = items
      .slice(0, 2)
      .map(({ changes }) =>
        Object.fromEntries(changes.map(({ field, from_text, to_text }) => [field, [from_text, to_text]])),
      );
    expect(texts).toEqual([
      { due_at: [null, "2027-01-01T00:00:00.000Z"], assignee_ids: ["Ada, Linus", ""] },
      { parent_id: [null, `${parent.key} Whole`], labels: ["", "a, b"], assignee_ids: ["Grace", "Ada, Linus"] },
    ]);
  });

  test("someone who was erased is a former member, and what is not there any more has no name", async () => {
    const joan = await team.person("joan");
    await team.ask("POST", `/projects/${project_id}/users`, {
      as: team.ada,
      body: { username: "joan", role: "viewer" },
    });
    const parent = await make();
    const { id } = await make({ assignee_ids: [joan.user_id], parent_id: parent.id });
    await team.apply("user.erased", { user_id: joan.user_id, session_ids: [] });
    await team.db.write([sql`delete from tasks where id = ${parent.id}`]);
    const [first] = (await logs(id)).items.slice(-1);
    expect(first?.changes).toContainEqual(
      expect.objectContaining({ field: "parent_id", to: parent.id, to_text: null }),
    );
    expect(first?.changes).toContainEqual(
      expect.objectContaining({ field: "assignee_ids", to: [joan.user_id], to_text: "former member" }),
    );
  });

  test("filters by field, actor, source and time, alone and together, page by page", async () => {
    const { id, created_at } = await make({ title: "First" });
    await team.ask("PATCH", `/tasks/${id}`, {
      as: team.ada,
      body: { title: "Second", assignee_ids: [team.ada.user_id] },
    });
    await team.ask("PATCH", `/tasks/${id}`, { as: team.grace, body: { title: "Third" } });
    await complete(id, team.grace);
    const types = async (query: string) => (await logs(id, `?${query}`)).items.map(({ type }) => type);
    expect(await types("field=title")).toEqual(["task.updated", "task.updated", "task.created"]);
    expect(await types("field=assignee_ids")).toEqual(["task.updated"]);
    expect(await types("field=status")).toEqual(["task.completed", "task.created"]);
    expect(await types(`actor_id=${team.grace.user_id}`)).toEqual(["task.completed", "task.updated"]);
    expect(await types(`actor_id=${team.grace.user_id}&field=title`)).toEqual(["task.updated"]);
    expect(await types("source=user")).toHaveLength(4);
    expect(await types("source=import")).toEqual([]);
    expect(await types("source=import,user")).toHaveLength(4);
    expect(await types("field=assignee_ids,status")).toEqual(["task.completed", "task.updated", "task.created"]);
    expect(await types("source=system")).toEqual([]);
    expect(await types(`since=${created_at}`)).toHaveLength(4);
    expect(await types(`until=${created_at}`)).toEqual([]);
    const first = await logs(id, "?field=title&limit=2");
    expect((await logs(id, `?field=title&limit=2&cursor=${first.next_cursor}`)).items).toHaveLength(1);
    expect(await team.statuses("GET", `/tasks/${id}/logs?limit=2&cursor=${first.next_cursor}`, [team.ada])).toEqual([
      422,
    ]);
  });

  test("takes two statements, and one read more for names", async () => {
    const { id } = await make({ assignee_ids: [team.grace.user_id] });
    expect(await team.statementsOf(() => logs(id))).toHaveLength(5);
    const plain = await make();
    expect(await team.statementsOf(() => logs(plain.id))).toHaveLength(2);
  });

  test("401, 403 and 422 for those who may not and what is not valid", async () => {
    const { id } = await make();
    expect(await team.statuses("GET", `/tasks/${id}/logs`, [null, team.eve])).toEqual([401, 403]);
    expect(await team.statuses("GET", `/tasks/${id}/logs?limit=101`, [team.ada])).toEqual([422]);
  });
});
