import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { sql } from "@stoa/db";
import { eventCatalogue } from "@stoa/events";
import { rowsOf } from "@stoa/testing";
import type { Project } from "../projects/schema.ts";
import type { Task, TaskLogEntry } from "../tasks/schema.ts";
import { errors, idOf, importer, newSource, outcomes } from "../test/importer.ts";
import { startTeam, type Team } from "../test/team.ts";
import type { DataSave } from "./schema.ts";

let team: Team;
let save: ReturnType<typeof importer>["save"];
let post: ReturnType<typeof importer>["post"];
let lastSeq: ReturnType<typeof importer>["lastSeq"];
let eventsSince: ReturnType<typeof importer>["eventsSince"];
beforeAll(async () => {
  team = await startTeam();
  ({ save, post, lastSeq, eventsSince } = importer(team));
});
afterAll(() => team.close());

/** A payload with everything, in which each item refers to one after it. */
const whole = (source: string): DataSave => ({
  source,
  users: [
    { external_id: "u1", username: "Grace" },
    { external_id: "u2", user_id: team.linus.user_id },
  ],
  projects: [
    {
      external_id: "p1",
      name: "Lighthouse",
      description: "On the cliff",
      members: [
        { user: "u1", role: "developer" },
        { user: "u2", role: "viewer" },
      ],
    },
  ],
  tasks: [
    { external_id: "t3", project: "p1", parent: "t2", title: "Clean the lens" },
    { external_id: "t2", project: "p1", parent: "t1", title: "Repair the lamp", labels: ["lamp", "lamp", "night"] },
    { external_id: "t1", project: "p1", title: "Light it", status: "in_progress", priority: "urgent" },
    { external_id: "mine", title: "Call the keeper", due_at: "2026-12-01T10:00:00+01:00", estimate_minutes: 5 },
  ],
  assignees: [
    { external_id: "a1", task: "t2", user: "u1" },
    { external_id: "a2", task: "t2", user: "u2" },
  ],
});

describe("a payload", () => {
  test("makes users' ties, projects with members, tasks with parents, and assignments, whatever their order", async () => {
    const saved = await save(whole(newSource()));
    expect(saved.totals).toEqual({ created: 9, updated: 0, unchanged: 0, failed: 0 });
    expect(outcomes(saved).slice(2, 6)).toEqual(["p1 created", "t3 created", "t2 created", "t1 created"]);
    const { body: project } = await team.ask<Project>("GET", `/projects/${idOf(saved, "project", "p1")}`, {
      as: team.ada,
    });
    expect(project).toMatchObject({ name: "Lighthouse", key: "LIG", description: "On the cliff", version: 3 });
    expect(project.members.map(({ username, role }) => [username, role])).toEqual([
      ["ada", "owner"],
      ...[
        ["grace", "developer"],
        ["linus", "viewer"],
      ].toSorted(),
    ]);
    const [t1, t2, t3, mine] = await Promise.all(
      ["t1", "t2", "t3", "mine"].map((id) => team.read(idOf(saved, "task", id))),
    );
    expect(t1).toMatchObject({ key: "LIG-1", number: 1, status: "in_progress", priority: "urgent", parent_id: null });
    expect(t1?.started_at).toBe(t1?.created_at as string);
    expect(t2).toMatchObject({ key: "LIG-2", parent_id: t1?.id, labels: ["lamp", "night"], version: 3 });
    expect(t2?.assignee_ids).toEqual([team.grace.user_id, team.linus.user_id]);
    expect(t3).toMatchObject({ key: "LIG-3", parent_id: t2?.id, priority: "medium", status: "pending" });
    expect(mine).toMatchObject({ key: null, number: null, project_id: null, due_at: "2026-12-01T09:00:00.000Z" });
    expect([t1?.rank ?? "", t2?.rank ?? "", t3?.rank ?? ""]).toEqual(
      [t1?.rank ?? "", t2?.rank ?? "", t3?.rank ?? ""].toSorted(),
    );
    // By label and assignee they are found as if made by hand.
    const found = async (query: string) =>
      (await team.ask<{ items: Task[] }>("GET", `/tasks?project_id=${project.id}&${query}`, { as: team.ada })).body
        .items;
    expect((await found("label=night")).map(({ id }) => id)).toEqual([t2?.id ?? ""]);
    expect((await found(`assignee_id=${team.linus.user_id}`)).map(({ id }) => id)).toEqual([t2?.id ?? ""]);
    expect((await found("q=repair%20the")).map(({ id }) => id)).toEqual([t2?.id ?? ""]);
    // The next task made by hand counts on.
    expect(await team.task(team.ada, { project_id: project.id })).toMatchObject({ key: "LIG-4" });
  });

  test("sent again changes nothing, and appends no event", async () => {
    const body = whole(newSource());
    const first = await save(body);
    const [seq, rows] = [await lastSeq(), await rowsOf(team.db, sql`select * from imported`)];
    const again = await save(body);
    expect(again.totals).toEqual({ created: 0, updated: 0, unchanged: 9, failed: 0 });
    expect(again.results.map(({ id }) => id)).toEqual(first.results.map(({ id }) => id));
    expect(await lastSeq()).toBe(seq);
    expect(await rowsOf(team.db, sql`select * from imported`)).toEqual(rows);
  });

  test("has the events of the single routes with source import, closed as the catalogue says, and a summary at the end", async () => {
    const seq = await lastSeq();
    const saved = await save(whole(newSource()));
    const events = await eventsSince(seq);
    expect(events.map(({ type }) => type)).toEqual([
      "project.created",
      "project.member_added",
      "project.member_added",
      "task.created",
      "task.created",
      "task.created",
      "task.created",
      "task.assigned",
      "task.assigned",
      "import.saved",
    ]);
    const known: Record<string, Parameters<typeof Value.Check>[0]> = eventCatalogue.projects;
    for (const { type, data, actor_id } of events) {
      expect([type, ...Value.Errors(known[type] as never, JSON.parse(data))]).toEqual([type]);
      expect(actor_id).toBe(team.ada.user_id);
    }
    expect(JSON.parse(events.at(-1)?.data ?? "")).toMatchObject({ created: 9, failed: 0 });
    const id = idOf(saved, "task", "t2");
    const own = events.filter(({ entity_id }) => entity_id === id).map(({ data }) => JSON.parse(data));
    expect(own.map(({ key, version }) => [key.split("-")[1], version])).toEqual([
      ["2", 1],
      ["2", 2],
      ["2", 3],
    ]);
    const { body } = await team.ask<{ items: TaskLogEntry[] }>("GET", `/tasks/${id}/logs`, { as: team.ada });
    // One entry of its activity, as of any request.
    expect(body.items.map(({ type, source }) => [type, source])).toEqual([["task.created", "import"]]);
    // By hand a task is changed by a user, as before.
    await team.ask("PATCH", `/tasks/${id}`, { as: team.ada, body: { title: "By hand" } });
    const { body: after } = await team.ask<{ items: TaskLogEntry[] }>("GET", `/tasks/${id}/logs`, { as: team.ada });
    expect(after.items[0]).toMatchObject({ type: "task.updated", source: "user" });
  });

  test("changes what has changed in the source, each with its event", async () => {
    const source = newSource();
    const body = whole(source);
    const first = await save(body);
    const seq = await lastSeq();
    const saved = await save({
      source,
      users: [{ external_id: "u2", username: "eve" }],
      projects: [
        {
          external_id: "p1",
          name: "Lighthouses",
          members: [
            { user: "u1", role: "owner" },
            { user: "u2", role: "viewer" },
          ],
        },
      ],
      tasks: [
        { external_id: "t1", project: "p1", title: "Light it", status: "completed", labels: ["done"] },
        { external_id: "t3", parent: null, title: "Clean the lenses", description: "All" },
        { external_id: "mine", title: "Call the keeper", due_at: null, priority: null },
      ],
      assignees: [{ external_id: "a1", task: "t2", user: "u2" }],
    });
    expect(outcomes(saved)).toEqual([
      "u2 updated",
      "p1 updated",
      "t1 updated",
      "t3 updated",
      "mine updated",
      "a1 updated",
    ]);
    expect((await eventsSince(seq)).map(({ type }) => type)).toEqual([
      "project.updated",
      "project.member_role_changed",
      "project.member_added",
      "task.completed",
      "task.updated",
      "task.updated",
      "task.assigned",
      "import.saved",
    ]);
    const t1 = await team.read(idOf(first, "task", "t1"));
    expect(t1).toMatchObject({ status: "completed", labels: ["done"], version: 2 });
    expect(t1.completed_at).toBe(t1.updated_at);
    expect(await team.read(idOf(first, "task", "t3"))).toMatchObject({ parent_id: null, description: "All" });
    expect((await team.read(idOf(first, "task", "t2"))).assignee_ids).toEqual([team.linus.user_id, team.eve.user_id]);
    expect(await rowsOf(team.db, sql`select label from task_labels where task_id = ${t1.id}`)).toEqual([
      { label: "done" },
    ]);
    expect((await save({ ...body, users: [], projects: [], tasks: [], assignees: [] })).results).toEqual([]);
  });

  test("of a thousand items is written in twenty batches that take turns with others, and has one summary", async () => {
    const source = newSource();
    const tasks = Array.from({ length: 999 }, (_, i) => ({ external_id: `t${i}`, project: "p", title: `Task ${i}` }));
    const seq = await lastSeq();
    const statements = await team.statementsOf(async () => {
      const saved = await save({ source, projects: [{ external_id: "p", name: "Thousand" }], tasks });
      expect(saved.totals).toEqual({ created: 1000, updated: 0, unchanged: 0, failed: 0 });
      expect(saved.results.map(({ external_id }) => external_id)).toEqual([
        "p",
        ...tasks.map((one) => one.external_id),
      ]);
      expect(await team.read(idOf(saved, "task", "t998"))).toMatchObject({ number: 999, key: "THO-999" });
    });
    const events = await eventsSince(seq);
    expect([events.length, events.at(-1)?.type]).toEqual([1001, "import.saved"]);
    // Those that read, and of each batch: the first event, tasks, counters, events, records.
    expect(statements.length).toBeLessThanOrEqual(7 + 20 * 5 + 4);
  });
});

describe("an item", () => {
  test("with a bad reference fails alone, and says which field", async () => {
    const source = newSource();
    const saved = await save({
      source,
      users: [
        { external_id: "u1", username: "nobody" },
        { external_id: "u2", username: "grace" },
        { external_id: "u3" },
        { external_id: "u4", username: "grace", user_id: team.linus.user_id },
      ],
      projects: [
        { external_id: "p1", name: "Good" },
        { external_id: "p2", name: "Bad", members: [{ user: "u1", role: "viewer" }] },
        {
          external_id: "p3",
          name: "Worse",
          members: [
            { user: "u2", role: "viewer" },
            { user: "u2", role: "owner" },
          ],
        },
      ],
      tasks: [
        { external_id: "t1", project: "p1", title: "Good" },
        { external_id: "t2", project: "p2", title: "Its project failed" },
        { external_id: "t3", project: "p9", title: "No project" },
        { external_id: "t4", project: "p1", parent: "t9", title: "No parent" },
        { external_id: "t5", parent: "t1", title: "The parent is elsewhere" },
        { external_id: "t6", project: "p1", parent: "t7", title: "A circle" },
        { external_id: "t7", project: "p1", parent: "t6", title: "A circle" },
        { external_id: "t8", project: "p1", parent: "t8", title: "Its own parent" },
      ],
      assignees: [
        { external_id: "a1", task: "t1", user: "u2" },
        { external_id: "a2", task: "t1", user: "u9" },
        { external_id: "a3", task: "t9", user: "u2" },
      ],
      deleted: ["t10"],
    });
    expect(outcomes(saved).filter((one) => !one.endsWith("failed"))).toEqual([
      "u2 created",
      "p1 created",
      "t1 created",
    ]);
    expect(errors(saved)).toEqual([
      ["u1", "not_found", undefined],
      ["u3", "validation_failed", "/user_id"],
      ["u4", "validation_failed", "/username"],
      ["p2", "not_found", "/members/0/user"],
      ["p3", "validation_failed", "/members/1/user"],
      ["t2", "not_found", "/project"],
      ["t3", "not_found", "/project"],
      ["t4", "not_found", "/parent"],
      ["t5", "validation_failed", "/parent"],
      ["t6", "not_found", "/parent"],
      ["t7", "not_found", "/parent"],
      ["t8", "not_found", "/parent"],
      ["a1", "not_a_member", undefined],
      ["a2", "not_found", "/user"],
      ["a3", "not_found", "/task"],
      ["t10", "not_found", ""],
    ]);
    expect(saved.results.find(({ external_id }) => external_id === "t2")).toMatchObject({ id: null });
  });

  test("whose external id stands twice in one payload fails, both times; among things of another kind it is free", async () => {
    const source = newSource();
    const saved = await save({
      source,
      projects: [{ external_id: "1", name: "One" }],
      tasks: [
        { external_id: "1", title: "One" },
        { external_id: "2", title: "Two" },
        { external_id: "2", title: "Two too" },
      ],
      deleted: ["3", "3"],
    });
    expect(outcomes(saved)).toEqual(["1 created", "1 created", "2 failed", "2 failed", "3 failed", "3 failed"]);
    expect(errors(saved).map(([, code, path]) => [code, path])).toEqual(
      Array.from({ length: 4 }, () => ["validation_failed", "/external_id"]),
    );
  });

  test("is known for each user and source by itself", async () => {
    const [one, other] = [newSource(), newSource()];
    const body = { source: one, tasks: [{ external_id: "t", title: "Mine" }] };
    const ids = [
      idOf(await save(body), "task", "t"),
      idOf(await save(body, team.grace), "task", "t"),
      idOf(await save({ ...body, source: other }), "task", "t"),
    ];
    expect(new Set(ids).size).toBe(3);
  });

  test("is refused what its user may not do by hand", async () => {
    const source = newSource();
    const body = whole(source);
    const first = await save(body);
    const project_id = idOf(first, "project", "p1");
    const demote = (role: string) =>
      team.ask("POST", `/projects/${project_id}/users`, { as: team.root, body: { user_id: team.ada.user_id, role } });
    await team.ask("POST", `/projects/${project_id}/users`, {
      as: team.ada,
      body: { username: "root", role: "owner" },
    });
    const next: DataSave = {
      source,
      projects: [{ external_id: "p1", name: "Changed" }],
      tasks: [
        { external_id: "t1", title: "Changed" },
        { external_id: "t2", title: "Repair the lamp" },
        { external_id: "new", project: "p1", title: "New" },
      ],
      assignees: [{ external_id: "a9", task: "t1", user: "u1" }],
      deleted: ["t3"],
    };
    await demote("viewer");
    const viewer = await save(next);
    expect(outcomes(viewer)).toEqual([
      "p1 failed",
      "t1 failed",
      "t2 unchanged",
      "new failed",
      "a9 failed",
      "t3 failed",
    ]);
    expect(new Set(errors(viewer).map(([, code]) => code))).toEqual(new Set(["forbidden"]));
    await team.ask("DELETE", `/projects/${project_id}/users/${team.ada.user_id}`, { as: team.root });
    const stranger = await save(next);
    expect(new Set(stranger.results.map(({ error }) => error?.error_code))).toEqual(new Set(["forbidden"]));
    await team.ask("POST", `/projects/${project_id}/users`, {
      as: team.root,
      body: { user_id: team.ada.user_id, role: "developer" },
    });
    expect(outcomes(await save(next))).toEqual([
      "p1 failed",
      "t1 updated",
      "t2 unchanged",
      "new created",
      "a9 created",
      "t3 updated",
    ]);
  });

  test("with a key that is taken, another key than before, or that would leave no owner, fails", async () => {
    const source = newSource();
    const projects = [
      { external_id: "p1", name: "Keyed", key: "kyd" },
      { external_id: "p2", name: "Keyed", key: "KYD" },
      { external_id: "p3", name: "Kyd" },
      { external_id: "p4", name: "Kyd" },
    ];
    const saved = await save({ source, projects });
    expect(errors(saved)).toEqual([["p2", "key_taken", undefined]]);
    const keys = await rowsOf(
      team.db,
      sql`select key from projects where name in ('Keyed', 'Kyd') and owner_scope = ${team.ada.user_id} order by key`,
    );
    expect(keys).toEqual([{ key: "KYD" }, { key: "KYD2" }, { key: "KYD3" }]);
    const again = await save({
      source,
      users: [{ external_id: "me", username: "ada" }],
      projects: [
        { external_id: "p1", name: "Keyed", key: "OTHER" },
        { external_id: "p3", name: "Kyd", members: [{ user: "me", role: "viewer" }] },
        { external_id: "p5", name: "New", members: [{ user: "me", role: "developer" }] },
      ],
    });
    expect(errors(again)).toEqual([
      ["p1", "validation_failed", "/key"],
      ["p3", "last_owner", undefined],
      ["p5", "last_owner", undefined],
    ]);
  });

  test("lies at most five levels deep, and below nothing that lies below it", async () => {
    const source = newSource();
    const chain = [1, 2, 3, 4, 5, 6].map((level) => ({
      external_id: `t${level}`,
      title: `Level ${level}`,
      ...(level > 1 && { parent: `t${level - 1}` }),
    }));
    expect(errors(await save({ source, tasks: chain.toReversed() }))).toEqual([["t6", "validation_failed", "/parent"]]);
    const moved = await save({
      source,
      tasks: [
        { external_id: "t1", title: "Level 1", parent: "t5" },
        { external_id: "t2", title: "Level 2", parent: null },
        { external_id: "top", title: "Above" },
      ],
    });
    expect(errors(moved)).toEqual([["t1", "validation_failed", "/parent"]]);
    // t2 has three levels below it: it may lie below one task, not below two.
    const below = (parent: string) => save({ source, tasks: [{ external_id: "t2", title: "Level 2", parent }] });
    expect(outcomes(await below("top"))).toEqual(["t2 updated"]);
    await save({
      source,
      tasks: [
        { external_id: "over", title: "Over" },
        { external_id: "top2", title: "B", parent: "over" },
      ],
    });
    expect(errors(await below("top2"))).toEqual([["t2", "validation_failed", "/parent"]]);
  });

  test("can be assigned to members alone, and a personal task to its creator", async () => {
    const source = newSource();
    const saved = await save({
      source,
      users: [
        { external_id: "ada", username: "ada" },
        { external_id: "eve", username: "eve" },
      ],
      projects: [{ external_id: "p", name: "P" }],
      tasks: [
        { external_id: "t", project: "p", title: "T" },
        { external_id: "mine", title: "Mine" },
      ],
      assignees: [
        { external_id: "1", task: "t", user: "eve" },
        { external_id: "2", task: "t", user: "ada" },
        { external_id: "3", task: "mine", user: "eve" },
        { external_id: "4", task: "mine", user: "ada" },
      ],
    });
    expect(errors(saved).map(([id, code]) => [id, code])).toEqual([
      ["1", "not_a_member"],
      ["3", "not_a_member"],
    ]);
    // Assigned by hand already: the tie is made, and nothing is said of the task.
    const seq = await lastSeq();
    expect(outcomes(await save({ source, assignees: [{ external_id: "5", task: "t", user: "ada" }] }))).toEqual([
      "5 created",
    ]);
    expect((await eventsSince(seq)).map(({ type }) => type)).toEqual(["import.saved"]);
    // To another task: the one before is taken off.
    const other = await save({ source, assignees: [{ external_id: "2", task: "mine", user: "ada" }] });
    expect(outcomes(other)).toEqual(["2 updated"]);
    expect((await team.read(idOf(saved, "task", "t"))).assignee_ids).toEqual([]);
  });
});

describe("a request", () => {
  test("with dry_run says what would become of each item, and writes nothing", async () => {
    const source = newSource();
    const seq = await lastSeq();
    const dry = await save({ ...whole(source), dry_run: true });
    expect(dry.totals).toEqual({ created: 9, updated: 0, unchanged: 0, failed: 0 });
    expect(new Set(dry.results.map(({ id }) => id))).toEqual(new Set([null]));
    expect(await lastSeq()).toBe(seq);
    await save(whole(source));
    const after = await lastSeq();
    const change = { external_id: "t1", title: "Another title" };
    expect(outcomes(await save({ source, tasks: [change], dry_run: true }))).toEqual(["t1 updated"]);
    expect(await lastSeq()).toBe(after);
  });

  test("with all_or_none is 422 import_failed with the results when one fails, and writes nothing", async () => {
    const source = newSource();
    const seq = await lastSeq();
    const body = whole(source);
    const bad = [...(body.tasks ?? []), { external_id: "bad", project: "nowhere", title: "Bad" }];
    const { status, body: problem } = await post({ ...body, tasks: bad, all_or_none: true });
    expect([status, problem.error_code]).toEqual([422, "import_failed"]);
    expect(problem.totals).toEqual({ created: 9, updated: 0, unchanged: 0, failed: 1 });
    expect(problem.results.find(({ outcome }) => outcome === "failed")).toMatchObject({
      external_id: "bad",
      error: { error_code: "not_found" },
    });
    expect(problem.results.filter(({ id }) => id !== null)).toEqual([]);
    expect(await lastSeq()).toBe(seq);
    expect((await save({ ...body, all_or_none: true })).totals.created).toBe(9);
  });

  test("with more than a thousand items together is 422, and nothing of it is saved", async () => {
    const many = (count: number, letter: string) =>
      Array.from({ length: count }, (_, i) => ({ external_id: `${letter}${i}`, title: "T" }));
    const { status, body } = await post({ source: newSource(), tasks: many(1000, "a"), deleted: ["x"] });
    expect([status, body.error_code]).toEqual([422, "validation_failed"]);
    expect((await post({ source: newSource(), tasks: many(1001, "a") })).status).toBe(422);
  });

  test("without a token is 401; with an unknown field in an item 422", async () => {
    expect((await post({ source: "s" }, null)).status).toBe(401);
    const tasks = [{ external_id: "t", title: "T", id: "x" }];
    const { status, body } = await team.ask<{ errors: { path: string }[] }>("POST", "/data/save", {
      as: team.ada,
      body: { source: "s", tasks },
    });
    expect([status, body.errors[0]?.path]).toEqual([422, "/tasks/0/id"]);
  });
});

test("tasks that one save completes are announced once", async () => {
  const source = newSource();
  const tasks = ["t1", "t2", "t3"].map((external_id) => ({ external_id, project: "p1", title: external_id }));
  const projects = [{ external_id: "p1", name: "Completed together" }];
  await save({ source, projects, tasks });
  const { results } = await save({ source, tasks: tasks.map((task) => ({ ...task, status: "completed" as const })) });
  const said = await Promise.all(results.map(({ id }) => team.lastEvent(id ?? "")));
  expect(said.map(({ type, data }) => [type, data["batch"]])).toEqual(
    [1, 2, 3].map((position) => ["task.completed", { position, size: 3 }]),
  );
});
