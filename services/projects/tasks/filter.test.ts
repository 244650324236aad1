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
    ["status=in_progress,completed", ["b"]],
    ["status=in_progress,pending", ["a", "b", "c"]],
    ["priority=urgent,medium&status=pending", ["a", "c"]],
    ["label=blue,red", ["a", "c"]],
    ["label=blue%2Cgreen", ["a"]],
    ['label="red, or so"', ["b"]],
    ['label="red, or so",blue', ["a", "b"]],
    ["label=red,blue&priority=urgent", ["a"]],
  ])("%s finds %p", async (query, expected) => {
    const [first] = await tasks(
      { title: "a", priority: "urgent", labels: ["red", "blue"], due_at: "2026-12-01T00:00:00Z" },
      { title: "b", labels: ["red, or so"], status: "in_progress", due_at: "2026-12-02T00:00:00Z" },
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
    const child = (await list(`parent_id=${parent?.id}`)).items[0];
    await team.task(ada, { title: "grandchild", project_id, parent_id: child?.id });
    expect(await titles(`parent_id=${parent?.id},${child?.id}`)).toEqual(["grandchild", "child"]);
  });

  test("by several users, by me, and by nobody", async () => {
    const { ada, grace, linus } = team;
    const [first] = await tasks(
      { title: "mine", assignee_ids: [ada.user_id] },
      { title: "both", assignee_ids: [grace.user_id, ada.user_id] },
      { title: "Linus's", assignee_ids: [linus.user_id] },
      { title: "nobody's" },
    );
    const at = `project_id=${first?.project_id}`;
    const found = async (query: string, as = ada) => (await titles(`${at}&${query}`, as)).sort();
    expect(await found("assignee_id=me")).toEqual(["both", "mine"]);
    expect(await found("assignee_id=me", grace)).toEqual(["both"]);
    expect(await found("assignee_id=none")).toEqual(["nobody's"]);
    expect(await found(`assignee_id=none,${linus.user_id.toUpperCase()}`)).toEqual(["Linus's", "nobody's"]);
    expect(await found(`assignee_id=${grace.user_id},${linus.user_id}`)).toEqual(["Linus's", "both"]);
    await team.task(grace, { title: "by Grace", project_id: first?.project_id });
    expect(await found("creator_id=me", grace)).toEqual(["by Grace"]);
    expect(await found(`creator_id=me,${ada.user_id}&assignee_id=none`, grace)).toEqual(["by Grace", "nobody's"]);
    expect(await found("creator_id=none")).toEqual([]);
  });

  test("completed_since brings what was completed since and still is", async () => {
    team.setClock("2026-11-20T09:00:00Z");
    const [early, late, again] = await tasks(
      { title: "early" },
      { title: "late" },
      { title: "again" },
      { title: "open" },
    );
    await team.ask("PATCH", `/tasks/${early?.id}/complete`, { as: team.ada });
    team.setClock("2026-11-20T10:00:00Z");
    for (const task of [late, again]) await team.ask("PATCH", `/tasks/${task?.id}/complete`, { as: team.ada });
    await team.ask("POST", `/tasks/${again?.id}/reopen`, { as: team.ada });
    team.setClock(undefined);
    const since = `project_id=${early?.project_id}&completed_since=2026-11-20T11:00:00%2B01:00`;
    expect(await titles(since)).toEqual(["late"]);
  });

  test("by key, whatever the case, of what one sees", async () => {
    const [a, b] = await tasks({ title: "a" }, { title: "b" });
    const elsewhere = await team.task(team.ada, { title: "elsewhere", project_id: (await team.project("Else")).id });
    const keys = [a?.key, elsewhere.key].join(",").toLowerCase();
    expect((await titles(`key=${keys}`)).sort()).toEqual(["a", "elsewhere"]);
    expect(await titles(`key=${b?.key}&project_id=${b?.project_id}`)).toEqual(["b"]);
    expect(await titles(`key=${b?.key}`, team.eve)).toEqual([]);
    expect(await titles(`key=${b?.key}0,APP,-1,${b?.key}-1`)).toEqual([]);
  });

  test("start_at is set, changed and cleared as due_at is, and may come after it", async () => {
    const [task] = await tasks({ start_at: "2026-12-05T00:00:00Z", due_at: "2026-12-01T00:00:00Z" });
    const change = async (body: object) =>
      (await team.ask<Task>("PATCH", `/tasks/${task?.id}`, { as: team.ada, body })).body.start_at;
    expect(task?.start_at).toBe("2026-12-05T00:00:00.000Z");
    expect(await change({ start_at: "2026-11-01T01:00:00+01:00" })).toBe("2026-11-01T00:00:00.000Z");
    expect(await change({ start_at: null })).toBeNull();
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
    const [kept, gone] = await tasks(
      { title: "kept", labels: ["bin"], description: "Rhubarb" },
      { title: "gone", labels: ["bin"], description: "Rhubarb" },
    );
    await team.ask("DELETE", `/tasks/${gone?.id}`, { as: team.ada });
    const query = `project_id=${kept?.project_id}`;
    expect(await titles(`${query}&deleted=true`, team.grace)).toEqual(["gone"]);
    expect(await titles(`${query}&deleted=true`, team.linus)).toEqual([]);
    expect(await titles(query)).toEqual(["kept"]);
    await team.ask("DELETE", `/projects/${kept?.project_id}`, { as: team.ada });
    const found = async (as: Person) => [
      (await titles(`${query}&deleted=true`, as)).sort(),
      (await titles("deleted=true&label=bin", as)).sort(),
      (await titles("deleted=true&label=bin&q=rhubarb", as)).sort(),
    ];
    for (const owning of [team.ada, team.root])
      expect(await found(owning)).toEqual([...Array(3)].fill(["gone", "kept"]));
    for (const other of [team.grace, team.linus]) expect(await found(other)).toEqual([[], [], []]);
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
