import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Page } from "@stoa/http";
import type { Project } from "../projects/schema.ts";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import type { Task } from "./schema.ts";

let team: Team;
let project: Project;
beforeAll(async () => {
  team = await startTeam();
  project = await team.project("List");
});
afterAll(() => team.close());

const list = async (query: string, as: Person = team.ada) =>
  (await team.ask<Page<Task>>("GET", `/tasks?${query}`, { as })).body;
const titles = async (query: string, as: Person = team.ada) => (await list(query, as)).items.map(({ title }) => title);

/** A project with these tasks, in this order. */
async function tasks(...bodies: object[]): Promise<Task[]> {
  const { id } = await team.project();
  const made: Task[] = [];
  for (const body of bodies) made.push(await team.task(team.ada, { project_id: id, ...body }));
  return made;
}

describe("filters", () => {
  test.each([
    ["status=in_progress", ["b"]],
    ["priority=urgent", ["a"]],
    ["label=red", ["a", "c"]],
    ["label=re", []],
    ["due_before=2026-12-02T00:00:00Z", ["a"]],
    ["due_after=2026-12-02T01:00:00%2B01:00", ["b"]],
    ["due_after=2026-12-01T00:00:00Z&due_before=2026-12-02T00:00:00Z", ["a"]],
    ["status=pending&label=red", ["a", "c"]],
  ])("%s finds %p", async (query, expected) => {
    const [first] = await tasks(
      { title: "a", priority: "urgent", labels: ["red", "blue"], due_at: "2026-12-01T00:00:00Z" },
      { title: "b", status: "in_progress", due_at: "2026-12-02T00:00:00Z" },
      { title: "c", labels: ["red"] },
    );
    expect((await titles(`project_id=${first?.project_id}&${query}`)).sort()).toEqual(expected);
  });

  test("by assignee, creator and parent", async () => {
    const { ada, grace } = team;
    const [parent] = await tasks({ title: "parent" });
    const project_id = parent?.project_id;
    await team.task(ada, { title: "child", project_id, parent_id: parent?.id });
    await team.task(grace, { title: "by grace", project_id, assignee_ids: [ada.user_id] });
    expect(await titles(`project_id=${project_id}&assignee_id=${ada.user_id}`)).toEqual(["by grace"]);
    expect(await titles(`project_id=${project_id}&creator_id=${grace.user_id}`)).toEqual(["by grace"]);
    expect(await titles(`project_id=${project_id}&parent_id=${parent?.id}`)).toEqual(["child"]);
  });

  test("overdue: due and still open; false: all others", async () => {
    const past = "2020-01-01T00:00:00Z";
    const [first] = await tasks(
      { title: "late", due_at: past },
      { title: "done", due_at: past, status: "completed" },
      { title: "dropped", due_at: past, status: "cancelled" },
      { title: "later", due_at: "2999-01-01T00:00:00Z" },
      { title: "whenever" },
    );
    expect(await titles(`project_id=${first?.project_id}&overdue=true`)).toEqual(["late"]);
    expect((await titles(`project_id=${first?.project_id}&overdue=false`)).sort()).toEqual([
      "done",
      "dropped",
      "later",
      "whenever",
    ]);
  });

  test("updated_since brings what changed since; deleted=false leaves out what is gone", async () => {
    const [kept, changed, gone] = await tasks({ title: "kept" }, { title: "changed" }, { title: "gone" });
    team.setClock("2999-11-20T10:00:00Z");
    await team.ask("PATCH", `/tasks/${changed?.id}`, { as: team.ada, body: { priority: "low" } });
    await team.ask("DELETE", `/tasks/${gone?.id}`, { as: team.ada });
    team.setClock(undefined);
    const since = `project_id=${kept?.project_id}&updated_since=2999-11-20T10:00:00Z`;
    const { items } = await list(since, team.linus);
    expect(items).toEqual([
      { id: gone?.id ?? "", version: 2, deleted_at: "2999-11-20T10:00:00.000Z" },
      expect.objectContaining({ title: "changed", version: 2, deleted_at: null }),
    ]);
    expect(await titles(`${since}&deleted=false`)).toEqual(["changed"]);
  });

  test("deleted=true shows the trash to those who may restore it, and only there", async () => {
    const [kept, gone] = await tasks({ title: "kept" }, { title: "gone" });
    await team.ask("DELETE", `/tasks/${gone?.id}`, { as: team.ada });
    const query = `project_id=${kept?.project_id}`;
    expect(await titles(`${query}&deleted=true`, team.grace)).toEqual(["gone"]);
    expect(await titles(`${query}&deleted=true`, team.linus)).toEqual([]);
    expect(await titles(query)).toEqual(["kept"]);
    const mine = await team.task(team.eve, { title: "Eve's" });
    await team.ask("DELETE", `/tasks/${mine.id}`, { as: team.eve });
    expect(await titles("deleted=true", team.eve)).toEqual(["Eve's"]);
  });
});

describe("q", () => {
  let query: string;
  beforeAll(async () => {
    const [first] = await tasks(
      { title: "Fix the login page" },
      { title: "Überprüfung", description: "ein 100% sicherer Weg" },
      { title: "登录页面错误修复" },
      { title: 'Say "hello" OR die' },
      { title: "under_score" },
    );
    query = `project_id=${first?.project_id}&q=`;
  });

  test.each([
    ["login", ["Fix the login page"]],
    ["LOGIN PAGE", ["Fix the login page"]],
    ["ogi", ["Fix the login page"]],
    ["prüf", ["Überprüfung"]],
    ["sicher", ["Überprüfung"]],
    ["页面错", ["登录页面错误修复"]],
    ["页面", ["登录页面错误修复"]],
    ["Fi", ["Fix the login page"]],
    ['"hello"', ['Say "hello" OR die']],
    ['" OR d', ['Say "hello" OR die']],
    ["nothing of it", []],
    ["0%", ["Überprüfung"]],
    ["%_", []],
    ["r_", ["under_score"]],
    ['"', ['Say "hello" OR die']],
    ["*", []],
  ])("%s finds %p", async (text, expected) => {
    expect(await titles(query + encodeURIComponent(text))).toEqual(expected);
  });

  test("finds a task by its key, whatever the case", async () => {
    const { key, title, project_id } = await team.task(team.ada, { title: "Keyed", project_id: project.id });
    expect(await titles(`project_id=${project_id}&q=${key?.toLowerCase()}`)).toEqual([title]);
  });

  test("follows changes, and what was said before is found no more", async () => {
    const [task] = await tasks({ title: "Zebra crossing", description: "stripes" });
    const at = `project_id=${task?.project_id}&q=`;
    await team.ask("PATCH", `/tasks/${task?.id}`, { as: team.ada, body: { title: "Okapi", description: null } });
    expect(await titles(`${at}okapi`)).toEqual(["Okapi"]);
    expect([...(await titles(`${at}zebra`)), ...(await titles(`${at}stripes`))]).toEqual([]);
  });
});
