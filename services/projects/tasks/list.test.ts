import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId } from "@stoa/db";
import type { Page } from "@stoa/http";
import type { Project } from "../projects/schema.ts";
import { startTeam, type Team } from "../test/team.ts";
import type { Asker } from "../test/world.ts";
import type { Task } from "./schema.ts";

let team: Team;
let project: Project;
beforeAll(async () => {
  team = await startTeam();
  project = await team.project("List");
});
afterAll(() => team.close());

const list = async (query: string, as: Asker = team.ada) =>
  (await team.ask<Page<Task>>("GET", `/tasks?${query}`, { as })).body;
const titles = async (query: string, as: Asker = team.ada) => (await list(query, as)).items.map(({ title }) => title);

/** A project with these tasks, in this order. */
async function tasks(...bodies: object[]): Promise<Task[]> {
  const { id } = await team.project();
  const made: Task[] = [];
  for (const body of bodies) made.push(await team.task(team.ada, { project_id: id, ...body }));
  return made;
}

/** All pages of a list, three at a time. */
async function pages(query: string, as: Asker = team.ada): Promise<Task[]> {
  const found: Task[] = [];
  for (let cursor = ""; ; ) {
    const page = await list(`${query}&limit=3${cursor}`, as);
    found.push(...page.items);
    if (page.next_cursor === null) return found;
    cursor = `&cursor=${page.next_cursor}`;
  }
}

describe("GET /tasks", () => {
  test("shows a project's newest tasks first, page by page, nothing twice and nothing missing", async () => {
    const made = await tasks(...Array.from({ length: 7 }, (_, i) => ({ title: `${i}` })));
    const found = await pages(`project_id=${made[0]?.project_id}`);
    expect(found).toEqual(made.toReversed());
  });

  test("skips, counts and limits", async () => {
    const [first] = await tasks({ title: "a" }, { title: "b" }, { title: "c" });
    const page = await list(`project_id=${first?.project_id}&skip=1&limit=1&count=true`);
    expect([page.items.map(({ title }) => title), page.total]).toEqual([["b"], 3]);
    expect((await list(`project_id=${first?.project_id}&limit=2&count=false`)).total).toBeUndefined();
  });

  test("without a project shows what one sees: tasks of one's projects and one's own, nobody else's", async () => {
    const sam = await team.person("sam");
    await team.ask("POST", `/projects/${project.id}/users`, {
      as: team.ada,
      body: { username: "sam", role: "viewer" },
    });
    await team.task(team.ada, { title: "Shared", project_id: project.id });
    await team.task(team.ada, { title: "Ada's own" });
    await team.task(sam, { title: "Sam's own" });
    await tasks({ title: "Elsewhere" });
    expect(await titles("", sam)).toEqual(["Sam's own", "Shared"]);
    expect(await titles("limit=100", team.root)).toEqual(
      expect.arrayContaining(["Ada's own", "Elsewhere", "Sam's own"]),
    );
  });

  test("pages through all that one sees in the order in which it was made, both ways, over any number of projects", async () => {
    const kim = await team.person("kim");
    const made: Task[] = [];
    for (let i = 0; i < 3; i++) {
      const { id } = await team.project();
      await team.ask("POST", `/projects/${id}/users`, { as: team.ada, body: { username: "kim", role: "viewer" } });
      for (let j = 0; j < 4; j++) made.push(await team.task(team.ada, { project_id: id }));
      made.push(await team.task(kim, {}));
    }
    await team.ask("DELETE", `/tasks/${made[1]?.id}`, { as: team.ada });
    const expected = made.filter((_, index) => index !== 1).map(({ id }) => id);
    expect((await pages("sort=created_at", kim)).map(({ id }) => id)).toEqual(expected);
    expect((await pages("", kim)).map(({ id }) => id)).toEqual(expected.toReversed());
    const page = await list("skip=5&limit=3&count=true", kim);
    expect([page.items.map(({ id }) => id), page.total]).toEqual([expected.toReversed().slice(5, 8), 14]);
  });

  test("of a project that one does not see, or that is unknown, there is nothing", async () => {
    await team.task(team.ada, { project_id: project.id });
    expect(await titles(`project_id=${project.id}`, team.eve)).toEqual([]);
    expect(await titles(`project_id=${project.id}&status=pending`, team.eve)).toEqual([]);
    expect(await titles(`project_id=${newId()}`)).toEqual([]);
    expect(await titles(`project_id=${project.id}`, team.root)).not.toEqual([]);
  });

  test("asks the database once for a project's newest, and once for any other page", async () => {
    for (const query of [`project_id=${project.id}&limit=20`, "status=pending&sort=due_at"]) {
      expect(await team.statementsOf(() => list(query))).toHaveLength(1);
    }
  });

  test("401 without a token; 422 for what no list takes", async () => {
    expect(await team.statuses("GET", "/tasks", [null])).toEqual([401]);
    for (const query of [
      "limit=0",
      "limit=101",
      "skip=-1",
      "skip=10001",
      "status=done",
      "priority=top",
      "sort=title",
      "project_id=x",
      "due_before=tomorrow",
      "overdue=maybe",
      "colour=red",
      "q=",
      "status=pending&status=completed",
    ]) {
      expect([query, ...(await team.statuses("GET", `/tasks?${query}`, [team.ada]))]).toEqual([query, 422]);
    }
  });

  test("422 invalid_cursor for one of another filter, sort or user, and for a forged one", async () => {
    await tasks({}, {});
    const { next_cursor } = await list("limit=1");
    const refused = async (query: string, as = team.ada) =>
      (await team.ask("GET", `/tasks?${query}`, { as })).body.error_code;
    expect(await refused(`cursor=${next_cursor}&status=pending`)).toBe("invalid_cursor");
    expect(await refused(`cursor=${next_cursor}&sort=due_at`)).toBe("invalid_cursor");
    expect(await refused(`cursor=${next_cursor}`, team.grace)).toBe("invalid_cursor");
    expect(await refused(`cursor=x${next_cursor}`)).toBe("invalid_cursor");
  });
});

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

  test("updated_since brings what changed since, those in the trash too, with when", async () => {
    team.setClock("2026-11-20T09:00:00Z");
    const [kept, changed, gone] = await tasks({ title: "kept" }, { title: "changed" }, { title: "gone" });
    team.setClock("2026-11-20T10:00:00Z");
    await team.ask("PATCH", `/tasks/${changed?.id}`, { as: team.ada, body: { priority: "low" } });
    await team.ask("DELETE", `/tasks/${gone?.id}`, { as: team.ada });
    team.setClock(undefined);
    const since = `project_id=${kept?.project_id}&updated_since=2026-11-20T10:00:00Z`;
    const { items } = await list(since, team.linus);
    expect(items.map(({ title, deleted_at }) => [title, deleted_at])).toEqual([
      ["gone", "2026-11-20T10:00:00.000Z"],
      ["changed", null],
    ]);
    expect(await titles(`${since}&deleted=false`)).toEqual(["changed"]);
  });

  test("deleted=true shows the trash to who may restore, and only there", async () => {
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

describe("sort", () => {
  let query: string;
  beforeAll(async () => {
    const [a, b, c, d, e] = await tasks(
      { title: "a", priority: "urgent", due_at: "2026-12-03T00:00:00Z" },
      { title: "b", priority: "low" },
      { title: "c", priority: "high", due_at: "2026-12-01T00:00:00Z" },
      { title: "d", priority: "medium", due_at: "2026-12-02T00:00:00Z" },
      { title: "e", priority: "low" },
    );
    query = `project_id=${a?.project_id}&sort=`;
    await team.ask("PATCH", `/tasks/${e?.id}/move`, { as: team.ada, body: { before_id: b?.id } });
    team.setClock("2030-01-01T00:00:00Z");
    await team.ask("PATCH", `/tasks/${c?.id}`, { as: team.ada, body: { title: "c" } });
    await team.ask("PATCH", `/tasks/${d?.id}`, { as: team.ada, body: { estimate_minutes: 1 } });
    team.setClock(undefined);
  });

  test.each([
    ["created_at", "abcde"],
    ["-created_at", "edcba"],
    ["due_at", "cdabe"],
    ["-due_at", "adceb"],
    ["priority", "bedca"],
    ["-priority", "acdeb"],
    ["rank", "aebcd"],
    ["-rank", "dcbea"],
  ])("%s is %s, page by page too, nulls last", async (sort, expected) => {
    expect((await titles(query + sort)).join("")).toBe(expected);
    expect((await pages(query + sort)).map(({ title }) => title).join("")).toBe(expected);
  });

  test("updated_at follows changes, both ways", async () => {
    const up = (await pages(`${query}updated_at`)).map(({ title }) => title).join("");
    expect(up).toBe("abced");
    expect((await pages(`${query}-updated_at`)).map(({ title }) => title).join("")).toBe("decba");
  });
});
