import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { type Select, sql } from "@stoa/db";
import { silent } from "@stoa/testing";
import type { DataSave } from "../data/schema.ts";
import type { Task } from "../tasks/schema.ts";
import { scopeOf } from "../tasks/scope.ts";
import { importer } from "../test/importer.ts";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import { exportProject } from "./export.ts";
import { ProjectExport } from "./schema.ts";

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.close());

const url = (id: string, query = "") => `http://stoa.test/api/v1/projects/${id}/export${query}`;
const get = (id: string, query = "", as: Person = team.linus, method = "GET") =>
  team.app.handle(new Request(url(id, query), { method, headers: { authorization: `Bearer ${as.token_id}` } }));

/** A document, as far as it is looked at. */
interface Exported {
  readonly source: string;
  readonly users: readonly { external_id: string; username?: string; user_id?: string }[];
  readonly projects: readonly Record<string, unknown>[];
  readonly tasks: readonly Record<string, unknown>[];
  readonly assignees: readonly object[];
  readonly links: readonly { readonly type: string }[];
}
const documentOf = async (id: string, as?: Person) => (await (await get(id, "?format=json", as)).json()) as Exported;

/** The records of a table, read by RFC 4180. */
function recordsOf(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    record.push(quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    records.push(record);
    record = [];
  }
  return records;
}

describe("as a table", () => {
  test("has a header and a line for each task, oldest first, and is named by the key", async () => {
    const project = await team.project("Harbour");
    const one = await team.task(team.ada, {
      project_id: project.id,
      title: "Dredge",
      labels: ["mud", 'so "deep", wide'],
      assignee_ids: [team.grace.user_id, team.linus.user_id],
      due_at: "2026-12-01T12:00:00Z",
      estimate_minutes: 90,
    });
    const two = await team.task(team.ada, { project_id: project.id, title: "Buoy", parent_id: one.id });
    const response = await get(project.id, "?format=csv");
    expect([
      response.status,
      response.headers.get("content-type"),
      response.headers.get("content-disposition"),
    ]).toEqual([200, "text/csv; charset=utf-8", `attachment; filename="${project.key}.csv"`]);
    const [names = [], ...records] = recordsOf(await response.text());
    const rows = records.map((record) => Object.fromEntries(record.map((cell, index) => [names[index], cell])));
    expect(rows).toMatchObject([
      {
        id: one.id,
        key: one.key,
        title: "Dredge",
        assignees: "grace, linus",
        labels: `mud, "so ""deep"", wide"`,
        due_at: one.due_at,
      },
      { id: two.id, title: "Buoy", parent_id: one.id, assignees: "", estimate_minutes: "", description: "" },
    ]);
    expect(rows[0]).toMatchObject({ estimate_minutes: "90", status: "pending", creator_id: team.ada.user_id });
  });

  test.each([
    ["=1+1", "'=1+1"],
    ["+49 30", "'+49 30"],
    ["-5", "'-5"],
    ["@home", "'@home"],
    ['He said "no", then', 'He said "no", then'],
    ["plain", "plain"],
  ])("%p is no formula, and stays one cell", async (title, cell) => {
    const { id } = await team.project("Cells");
    const description = `\t=cmd\r\nline, two "${title}"`;
    const task = await team.task(team.ada, { project_id: id, title, description });
    const [, record = []] = recordsOf(await (await get(id, "?format=csv")).text());
    expect([record[2], record[3]]).toEqual([cell, task.description?.replace(/^(?=[=+\-@\t\r])/, "'")]);
  });

  test("a description that begins with a tab or a carriage return is none either", async () => {
    const { id, key } = await team.project("Tab");
    await team.task(team.ada, { project_id: id, title: "Tab" });
    for (const [description, cell] of [
      ["\t=1", "'\t=1"],
      ["\r=1", `"'\r=1"`],
    ] as const) {
      await team.db.write([sql`update tasks set description = ${description} where project_id = ${id}`]);
      const text = await (await get(id, "?format=csv")).text();
      expect(text).toContain(`${key}-1,Tab,${cell},`);
    }
  });

  test("begins with a byte order mark where it is asked for", async () => {
    const { id } = await team.project("Mark");
    const starts = async (query: string) => (await (await get(id, query)).bytes()).slice(0, 3);
    expect(await starts("?format=csv&bom=true")).toEqual(new Uint8Array([0xef, 0xbb, 0xbf]));
    expect(await starts("?format=csv")).toEqual(new TextEncoder().encode("id,"));
    expect(await starts("?format=json&bom=true")).toEqual(new TextEncoder().encode('{"s'));
  });
});

describe("as a document", () => {
  test("has the members, the project, its tasks with parents and labels, and whom they are assigned to", async () => {
    const project = await team.project("Lock");
    const { grace, ada, linus } = team;
    const first = await team.task(ada, { project_id: project.id, labels: ["gate"], assignee_ids: [grace.user_id] });
    const second = await team.task(ada, {
      project_id: project.id,
      title: "Below",
      parent_id: first.id,
      priority: "low",
    });
    const { users, projects, tasks, assignees } = await documentOf(project.id);
    expect(users).toEqual([ada, grace, linus].map(({ user_id, username }) => ({ external_id: user_id, username })));
    expect(projects).toEqual([
      {
        external_id: project.id,
        name: "Lock",
        timezone: "UTC",
        working_days: [1, 2, 3, 4, 5],
        members: [
          { user: ada.user_id, role: "owner" },
          { user: grace.user_id, role: "developer" },
          { user: linus.user_id, role: "viewer" },
        ],
      },
    ]);
    const common = { project: project.id, status: "pending" };
    expect(tasks).toEqual([
      { external_id: first.id, ...common, title: "A task", priority: "medium", labels: ["gate"] },
      { external_id: second.id, ...common, parent: first.id, title: "Below", priority: "low" },
    ]);
    expect(assignees).toEqual([{ external_id: `${first.id} ${grace.user_id}`, task: first.id, user: grace.user_id }]);
  });

  test("is complete over many windows, without what is in the trash, and one of no tasks is one too", async () => {
    const { id } = await team.project("Many");
    expect((await documentOf(id)).tasks).toEqual([]);
    const made: Task[] = [];
    for (let n = 0; n < 405; n++) made.push(await team.task(team.ada, { project_id: id, title: `${n}` }));
    const assignee_ids = [team.grace.user_id, team.ada.user_id];
    for (const { id: task } of made.slice(100, 350))
      await team.ask("PATCH", `/tasks/${task}`, { as: team.ada, body: { assignee_ids } });
    await team.ask("DELETE", `/tasks/${made[7]?.id}`, { as: team.ada });
    const { tasks, assignees } = await documentOf(id);
    expect(tasks.map(({ title }) => title)).toEqual(made.map(({ title }) => title).filter((title) => title !== "7"));
    expect(assignees).toHaveLength(500);
    expect(recordsOf(await (await get(id, "?format=csv")).text())).toHaveLength(405);
  });

  test("has no members where all are gone, as it is documented", async () => {
    const { id } = await team.project("Derelict");
    await team.db.write([sql`delete from members where project_id = ${id}`]);
    const document = await documentOf(id, team.root);
    expect([...Value.Errors(ProjectExport, document)]).toEqual([]);
    expect(document.projects[0]).not.toHaveProperty("members");
  });

  test("names a member whom nobody knows by name by their id", async () => {
    const { id } = await team.project("Unknown");
    await team.db.write([
      sql`insert into members (project_id, user_id, role, joined_at) values (${id}, 'x', 'viewer', '9')`,
    ]);
    expect((await documentOf(id)).users.at(-1)).toEqual({ external_id: "x", user_id: "x" });
  });
});

describe("access", () => {
  test("401, 403 and 404 as for the project; 404 in the trash; 422 for another format", async () => {
    const { id } = await team.project("Access");
    const { grace, linus, eve, root } = team;
    expect(await team.statuses("GET", `/projects/${id}/export?format=xml`, [null, linus])).toEqual([401, 422]);
    expect((await get(id, "?format=csv", eve)).status).toBe(403);
    for (const one of [grace, linus, root]) expect((await get(id, "?format=csv", one)).status).toBe(200);
    expect((await get("nothing")).status).toBe(404);
    await team.ask("DELETE", `/projects/${id}`, { as: team.ada });
    expect((await get(id, "", team.ada)).status).toBe(404);
  });

  test("HEAD answers the headers and reads nothing", async () => {
    const { id, key } = await team.project("Head");
    await team.task(team.ada, { project_id: id });
    const statements = await team.statementsOf(async () => {
      const response = await get(id, "", team.linus, "HEAD");
      expect([response.status, response.headers.get("content-disposition"), await response.text()]).toEqual([
        200,
        `attachment; filename="${key}.json"`,
        "",
      ]);
    });
    expect(statements).toHaveLength(1);
  });
});

describe("while it is sent", () => {
  async function started(windows = 3) {
    const project = await team.project("Sent");
    const values = Array.from({ length: windows * 200 }, (_, n) => ({ id: crypto.randomUUID(), n }));
    await team.db.write([
      sql`insert into tasks (id, project_id, scope, number, key, title, status, priority, creator_id, assignee_ids, labels, rank,
          version, created_at, updated_at)
        select value ->> 'id', ${project.id}, ${scopeOf(project.id)}, value ->> 'n', 'S-' || (value ->> 'n'), 'A task', 'pending', 'low', 'x', '[]',
          '[]', value ->> 'n', 1, '2026-11-20', '2026-11-20' from json_each(${JSON.stringify(values)})`,
    ]);
    return project;
  }

  test("nothing is read ahead of the reader, and a reader who leaves ends the reading", async () => {
    const { id } = await started();
    let scans = 0;
    const scan = <R>(statement: Select<R>) => {
      scans++;
      return team.deps.db.scan(statement);
    };
    const db = { ...team.deps.db, scan };
    const response = await exportProject({ ...team.deps, db }, team.linus.actor, id, { format: "csv" });
    const reader = response.body?.getReader();
    expect(scans).toBe(0);
    await reader?.read();
    await reader?.read();
    expect(scans).toBe(1);
    await reader?.cancel();
    expect(scans).toBe(1);
  });

  test("who loses the right gets no more, and not the look of a whole file", async () => {
    const { id } = await started();
    const response = await get(id, "?format=csv");
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.read();
    await team.ask("DELETE", `/projects/${id}/users/${team.linus.user_id}`, { as: team.ada });
    await expect(reader?.read()).rejects.toBeUndefined();
    const again = (await get(id, "?format=csv", team.ada)).body?.getReader();
    await again?.read();
    await team.ask("DELETE", `/projects/${id}`, { as: team.ada });
    await expect(again?.read()).rejects.toBeUndefined();
  });

  test("a closing server cuts it off, also for a client who reads nothing", async () => {
    const { id } = await started();
    const closing = new AbortController();
    const deps = { ...team.deps, closing: closing.signal };
    const open = await exportProject(deps, team.linus.actor, id, { format: "csv" });
    const reader = open.body?.getReader();
    await reader?.read();
    closing.abort(new Error("stopping"));
    await expect(reader?.read()).rejects.toBeUndefined();
    const late = await exportProject(deps, team.linus.actor, id, {});
    await expect(late.text()).rejects.toBeUndefined();
  });

  test("what cuts it off is logged, as a warning", async () => {
    const { id } = await started();
    const warned: object[] = [];
    const http = { ...team.deps.http, log: { ...silent, warn: (fields: object) => warned.push(fields) } };
    const response = await exportProject({ ...team.deps, http }, team.linus.actor, id, { format: "csv" });
    const reader = response.body?.getReader();
    await reader?.read();
    await team.ask("DELETE", `/projects/${id}/users/${team.linus.user_id}`, { as: team.ada });
    await expect(reader?.read()).rejects.toBeUndefined();
    expect(warned).toMatchObject([{ project_id: id, err: { code: "forbidden" } }]);
  });

  test("a window costs two statements, whatever the number of tasks", async () => {
    const { id } = await started(1);
    const statements = await team.statementsOf(async () => (await get(id, "?format=csv")).text());
    // The project; then each window: may they still, and the tasks. The second window is empty.
    expect(statements).toHaveLength(1 + 2 * 2);
  });
});

test("what was exported can be saved: its days, parents, labels, times, assignees and links come back, and again changes nothing", async () => {
  const { ada, grace } = team;
  const project = await team.project("Round trip");
  const hours = { timezone: "Asia/Kathmandu", working_days: [1, 2, 3, 4, 7] };
  await team.ask("PATCH", `/projects/${project.id}`, { as: ada, body: hours });
  const top = await team.task(ada, {
    project_id: project.id,
    title: "Top",
    labels: ["deep, wide", "mud"],
    start_at: "2026-12-01T08:00:00Z",
    due_at: "2026-12-02T08:00:00Z",
    estimate_minutes: 30,
    assignee_ids: [grace.user_id, ada.user_id],
    status: "in_review",
  });
  await team.task(ada, { project_id: project.id, title: "Below", parent_id: top.id, description: "Two\nlines" });
  const beside = await team.task(ada, { project_id: project.id, title: "Beside" });
  const elsewhere = await team.task(ada, { title: "My own" });
  for (const [type, task_id] of [
    ["blocks", beside.id],
    ["relates_to", elsewhere.id],
  ]) {
    expect((await team.ask("POST", `/tasks/${top.id}/links`, { as: ada, body: { type, task_id } })).status).toBe(201);
  }
  const body = (await (await get(project.id)).json()) as Exported & DataSave;
  expect(body.projects).toMatchObject([hours]);
  const { save } = importer(team);
  const saved = await save(body);
  expect(saved.totals).toEqual({ created: 10, updated: 0, unchanged: 0, failed: 0 });
  const made = saved.results.find(({ kind }) => kind === "project")?.id ?? "";
  const again = await documentOf(made);
  const shown = ({ users, projects, tasks }: Exported) => ({
    users,
    projects: projects.map(({ external_id, ...rest }) => rest),
    tasks: tasks
      .toSorted((one, other) => String(one["title"]).localeCompare(String(other["title"])))
      .map(({ external_id, project: _, parent, ...rest }) => ({ ...rest, below: parent !== undefined })),
  });
  expect([shown(again), again.assignees.length]).toEqual([shown(body), 2]);
  // The link to a task that is not in the project is nobody's business here.
  expect([body, again].map(({ links }) => links?.map(({ type }) => type))).toEqual([["blocks"], ["blocks"]]);
  expect((await save(body)).totals).toEqual({ created: 0, updated: 0, unchanged: 10, failed: 0 });
});
