import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import { type Problem, rowsOf } from "@stoa/testing";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import type { Task } from "./schema.ts";

let team: Team;
let project_id: string;
beforeAll(async () => {
  team = await startTeam();
  project_id = (await team.project("Bulk")).id;
});
afterAll(() => team.close());

const make = (body: object = {}, as: Person = team.ada) => team.task(as, { project_id, ...body });
const many = (count: number, body: object = {}) =>
  Promise.all(Array.from({ length: count }, (_, index) => make({ title: `Task ${index}`, ...body })));
const bulk = <T = { items: Task[] }>(ids: readonly string[], patch: object, as: Person = team.ada) =>
  team.ask<T>("POST", "/tasks/bulk", { as, body: { ids, patch } });
const idsOf = (tasks: readonly { readonly id: string }[]) => tasks.map(({ id }) => id);
const events = async (id: string) => (await team.journal(id)).map(({ type, data }) => ({ type, ...JSON.parse(data) }));

describe("POST /tasks/bulk", () => {
  test("changes what it names and nothing else, and answers in the order of the ids", async () => {
    const tasks = [
      await make({ description: "Keep", labels: ["a"], priority: "low", assignee_ids: [team.grace.user_id] }),
      await make({ status: "in_progress", due_at: "2026-12-01T00:00:00Z" }),
    ].toReversed();
    const { status, body } = await bulk(idsOf(tasks), { priority: "urgent", labels: ["b", "c", "b"] }, team.grace);
    expect(status).toBe(200);
    expect(body.items).toEqual(
      tasks.map((task, index) => ({
        ...task,
        priority: "urgent",
        labels: ["b", "c"],
        version: 2,
        updated_at: body.items[index]?.updated_at ?? "",
      })),
    );
    expect(await Promise.all(tasks.map(({ id }) => team.read(id)))).toEqual(body.items);
    const found = await rowsOf<{ label: string }>(
      team.db,
      sql`select label from task_labels
        where task_row in (select row from tasks where id in (${tasks[0]?.id ?? ""}, ${tasks[1]?.id ?? ""})) order by label`,
    );
    expect(found.map(({ label }) => label)).toEqual(["b", "b", "c", "c"]);
  });

  test("each task that changes has the event that it would have alone; one that has it already keeps its version", async () => {
    const [open, done, same] = [await make(), await make({ status: "completed" }), await make({ status: "in_review" })];
    const { body } = await bulk(idsOf([open, done, same]), { status: "in_review" });
    expect(body.items.map(({ version }) => version)).toEqual([2, 2, 1]);
    expect(body.items.map(({ started_at, completed_at }) => [started_at !== null, completed_at])).toEqual([
      [true, null],
      [true, null],
      [true, null],
    ]);
    const change = { version: 2, key: open.key, title: open.title, project_id, task_id: open.id };
    expect((await events(open.id)).at(-1)).toEqual({
      ...change,
      type: "task.updated",
      changes: [{ field: "status", from: "pending", to: "in_review" }],
    });
    expect((await events(done.id)).at(-1)).toEqual({
      ...change,
      task_id: done.id,
      key: done.key,
      type: "task.reopened",
      changes: [{ field: "status", from: "completed", to: "in_review" }],
    });
    expect(await events(same.id)).toHaveLength(1);
    expect((await bulk(idsOf([open, same]), {})).body.items).toEqual([body.items[0], body.items[2]] as Task[]);
  });

  test("assigns, and tells who was added and who was taken off; another order of the same is no change", async () => {
    const { ada, grace, linus } = team;
    const both = await make({ assignee_ids: [grace.user_id, linus.user_id] });
    const [one, none] = [await make({ assignee_ids: [ada.user_id] }), await make()];
    const assignee_ids = [linus.user_id, grace.user_id];
    const { body } = await bulk(idsOf([both, one, none]), { assignee_ids, priority: "high" });
    expect(body.items.map((task) => task.assignee_ids)).toEqual([both.assignee_ids, assignee_ids, assignee_ids]);
    expect((await events(both.id)).map(({ type }) => type)).toEqual(["task.created", "task.updated"]);
    expect((await events(one.id)).slice(1)).toMatchObject([
      { type: "task.updated", version: 2 },
      { type: "task.assigned", user_ids: assignee_ids, removed_user_ids: [ada.user_id], version: 2 },
    ]);
    expect((await bulk(idsOf([one]), { assignee_ids: [] })).body.items[0]?.assignee_ids).toEqual([]);
    expect((await events(one.id)).at(-1)).toMatchObject({
      type: "task.unassigned",
      user_ids: assignee_ids,
      version: 3,
    });
    expect(
      await rowsOf(
        team.db,
        sql`select 1 from task_assignees where task_row in (select row from tasks where id = ${one.id})`,
      ),
    ).toEqual([]);
  });

  test("completes 200 at once in as many statements as two; each event says how many they are", async () => {
    const tasks = await many(200);
    const [first, second] = tasks;
    const statements = async (ids: readonly string[], patch: object) =>
      (await team.statementsOf(async () => expect((await bulk(ids, patch)).status).toBe(200))).length;
    const two = await statements([first?.id ?? "", second?.id ?? ""], { status: "in_progress" });
    const all = await statements(idsOf(tasks.slice(2)), { status: "in_progress" });
    // The tasks; the first event, the others, the fields, the answer.
    expect([two, all]).toEqual([5, 5]);
    const assignee_ids = [team.grace.user_id];
    // Also who is no member, the events of the assignees, the assignees, and for each list its rows: before and after.
    expect(await statements(idsOf(tasks), { status: "completed", assignee_ids, labels: ["x"] })).toBe(12);
    const batches = await Promise.all(
      idsOf(tasks).map(async (id) => (await events(id)).find(({ type }) => type === "task.completed")?.batch),
    );
    expect(batches).toEqual(tasks.map((_, index) => ({ position: index + 1, size: 200 })));
    const [counted] = await rowsOf<{ done: number }>(
      team.db,
      sql`select count(*) as done from tasks t where completed_at is not null and started_at is not null and version = 3
        and id in (select value from json_each(${JSON.stringify(idsOf(tasks))}))`,
    );
    expect(counted?.done).toBe(200);
  });

  test("new titles and descriptions are found, together with what of the other stays", async () => {
    const tasks = [await make({ title: "Herons", description: "By the weir" }), await make({ title: "Kestrels" })];
    const search = async (q: string) => {
      const path = `/tasks?project_id=${project_id}&q=${encodeURIComponent(q)}`;
      const { body } = await team.ask<{ items: Task[] }>("GET", path, { as: team.linus });
      return idsOf(body.items);
    };
    await bulk(idsOf(tasks), { title: "Otters" });
    expect([await search("otters weir"), await search("herons")]).toEqual([[tasks[0]?.id ?? ""], []]);
    await bulk(idsOf(tasks), { description: "At the mill" });
    expect(await search("otters mill")).toEqual(idsOf(tasks).toReversed());
    expect(await search("weir")).toEqual([]);
  });

  test("one that is completed alone, or alone in its project, is no batch", async () => {
    const other = await team.project("Alone");
    const tasks = [
      await make(),
      await team.task(team.ada, { project_id: other.id }),
      await make({ status: "completed" }),
    ];
    await bulk(idsOf(tasks), { status: "completed" });
    for (const { id } of tasks.slice(0, 2)) expect((await events(id)).at(-1)).not.toHaveProperty("batch");
  });

  test("unblocks what the tasks blocked", async () => {
    const [blockers, task] = [await many(3), await make()];
    for (const { id } of blockers) {
      await team.ask("POST", `/tasks/${id}/links`, { as: team.ada, body: { type: "blocks", task_id: task.id } });
    }
    await bulk(idsOf(blockers.slice(1)), { status: "cancelled" });
    expect((await team.read(task.id)).is_blocked).toBe(true);
    await bulk(idsOf(blockers), { status: "cancelled" });
    expect((await team.read(task.id)).is_blocked).toBe(false);
    expect((await events(task.id)).filter(({ type }) => type === "task.unblocked")).toHaveLength(1);
  });
});

describe("all or nothing", () => {
  const refusal = async (ids: readonly string[], patch: object, as: Person = team.ada) => {
    const { status, body } = await bulk<Problem>(ids, patch, as);
    return [status, body.error_code, body.errors?.map(({ path }) => path)];
  };

  test("404 and 403 name the ids at fault, existence first; nothing is changed", async () => {
    const { ada, grace, linus, eve } = team;
    const [a, b, gone] = [await make(), await make(), await make()];
    await team.ask("DELETE", `/tasks/${gone.id}`, { as: ada });
    const foreign = await team.task(eve, { title: "Personal" });
    const ids = [a.id, foreign.id, b.id, newId(), gone.id];
    expect(await refusal(ids, { title: "X" })).toEqual([404, "not_found", ["/ids/3", "/ids/4"]]);
    expect(await refusal(ids.slice(0, 3), { title: "X" })).toEqual([403, "forbidden", ["/ids/1"]]);
    expect(await refusal([a.id, b.id], { title: "X" }, linus)).toEqual([403, "forbidden", ["/ids/0", "/ids/1"]]);
    expect(await team.statuses("POST", "/tasks/bulk", [null, eve, linus, grace], { ids: [a.id], patch: {} })).toEqual([
      401, 403, 403, 200,
    ]);
    expect([await team.read(a.id), await team.read(b.id)]).toEqual([a, b]);
  });

  test("422 not_a_member names the tasks to which not everyone can be assigned", async () => {
    const { ada, grace, root } = team;
    const other = await team.project("Other");
    await team.ask("DELETE", `/projects/${other.id}/users/${grace.user_id}`, { as: ada });
    const [here, there] = [await make(), await team.task(ada, { project_id: other.id })];
    const mine = await team.task(ada, {});
    const patch = { assignee_ids: [grace.user_id] };
    expect(await refusal(idsOf([here, there, mine]), patch)).toEqual([422, "not_a_member", ["/ids/1", "/ids/2"]]);
    expect(await refusal(idsOf([here]), { assignee_ids: [root.user_id] })).toEqual([422, "not_a_member", ["/ids/0"]]);
    expect((await bulk(idsOf([mine, here]), { assignee_ids: [ada.user_id] })).status).toBe(200);
    expect((await team.read(there.id)).version).toBe(1);
  });

  test("422 names the tasks that cannot be put below a parent", async () => {
    const [top, free] = [await make(), await make()];
    const [below, tall] = [await make({ parent_id: top.id }), await make()];
    let leaf = tall;
    for (let level = 2; level <= 4; level++) leaf = await make({ parent_id: leaf.id });
    const [mine, elsewhere] = [
      await team.task(team.ada, {}),
      await team.task(team.ada, { project_id: (await team.project()).id }),
    ];
    const patch = { parent_id: below.id };
    const ids = idsOf([free, top, below, tall, mine]);
    expect(await refusal(ids, patch)).toEqual([422, "validation_failed", ["/ids/1", "/ids/2", "/ids/3", "/ids/4"]]);
    expect(await refusal([free.id], { parent_id: elsewhere.id })).toEqual([422, "validation_failed", ["/ids/0"]]);
    expect(await refusal([free.id], { parent_id: newId() })).toEqual([422, "validation_failed", ["/ids/0"]]);
    expect((await bulk([free.id], patch)).body.items[0]?.parent_id).toBe(below.id);
    expect((await bulk([free.id, leaf.id], { parent_id: null })).body.items.map((task) => task.parent_id)).toEqual([
      null,
      null,
    ]);
  });

  test.each([
    ["no id", { ids: [], patch: {} }, "/ids"],
    ["201 ids", { ids: Array.from({ length: 201 }, () => newId()), patch: {} }, "/ids"],
    ["no patch", { ids: [newId()] }, "/patch"],
    ["a field that cannot be changed", { ids: [newId()], patch: { creator_id: newId() } }, "/patch/creator_id"],
    ["an unknown status", { ids: [newId()], patch: { status: "done" } }, "/patch/status"],
  ])("422 for %s", async (_, body, path) => {
    const answer = await team.ask("POST", "/tasks/bulk", { as: team.ada, body });
    expect([answer.status, answer.body.errors?.map((error) => error.path)]).toEqual([422, [path]]);
    expect(
      (
        await bulk(
          [newId()].flatMap((id) => [id, id]),
          {},
        )
      ).status,
    ).toBe(422);
  });
});

test("bulk changes, edits and moves of the same tasks at once all go through, each on what the one before left", async () => {
  const tasks = await many(10);
  const ids = idsOf(tasks);
  const answers = await Promise.all([
    ...Array.from({ length: 5 }, (_, index) =>
      bulk(ids, { title: `Bulk ${index}` }, index % 2 ? team.ada : team.grace),
    ),
    ...ids.map((id, index) =>
      team.ask("PATCH", `/tasks/${id}`, { as: team.ada, body: { estimate_minutes: index + 1 } }),
    ),
    ...ids.map((id) => team.ask("PATCH", `/tasks/${id}/move`, { as: team.ada, body: { status: "in_review" } })),
  ]);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const after = await Promise.all(ids.map((id) => team.read(id)));
  expect(new Set(after.map(({ title, version, status }) => `${title} ${version} ${status}`)).size).toBe(1);
  expect(after.map(({ estimate_minutes }) => estimate_minutes)).toEqual(ids.map((_, index) => index + 1));
  for (const { id, version } of after) {
    const versions = (await events(id)).map((event) => event.version);
    expect(versions).toEqual(Array.from({ length: version }, (_, index) => index + 1));
  }
});
