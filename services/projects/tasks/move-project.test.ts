import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import type { Page } from "@stoa/http";
import { type Problem, rowsOf } from "@stoa/testing";
import type { Project } from "../projects/schema.ts";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import type { Task, TaskLogEntry } from "./schema.ts";

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.close());

const move = <T = Task>(
  id: string,
  project_id: string | null,
  more: object = {},
  as: Person = team.ada,
  headers = {},
) => team.ask<T>("PATCH", `/tasks/${id}`, { as, body: { project_id, ...more }, headers });
const make = (project: Project, body: object = {}) => team.task(team.ada, { project_id: project.id, ...body });
/** Which tasks a key finds: by the filter, and by the search. */
const found = async (key: string) => {
  const [filtered, searched] = await Promise.all(
    [`key=${key}`, `q=${key}`].map((query) => team.ask<Page<Task>>("GET", `/tasks?${query}`, { as: team.ada })),
  );
  const ids = [filtered, searched].map((answer) => (answer?.body.items ?? []).map(({ id }) => id));
  expect(ids[1]).toEqual(ids[0] ?? []);
  return ids[0] ?? [];
};
/** A project without Grace and Linus. */
const alone = async (name: string, as: Person = team.ada) =>
  (await team.ask<Project>("POST", "/projects", { as, body: { name } })).body;
const inOrder = async (project_id: string) => {
  const query = `project_id=${project_id}&sort=rank`;
  return (await team.ask<Page<Task>>("GET", `/tasks?${query}`, { as: team.ada })).body.items;
};

describe("PATCH /tasks/{id} {project_id}", () => {
  test("takes the next number and the last place there; the old key leads to it still, and history stays", async () => {
    const [from, to] = [await team.project("Origin"), await team.project("Target")];
    const [before, other] = [await make(from, { labels: ["x"], description: "Keep" }), await make(to)];
    await team.ask("POST", `/tasks/${before.id}/worklogs`, { as: team.grace, body: { minutes: 30 } });
    const { status, headers, body } = await move(before.id, to.id, {}, team.grace);
    expect([status, headers.get("etag")]).toEqual([200, '"2"']);
    expect(body).toEqual({
      ...before,
      project_id: to.id,
      number: 2,
      key: "TAR-2",
      rank: "i000000002",
      logged_minutes: 30,
      version: 2,
      updated_at: body.updated_at,
    });
    expect(await team.read(before.id)).toEqual(body);
    expect((await inOrder(to.id)).map(({ id }) => id)).toEqual([other.id, before.id]);
    expect([await found("ORI-1"), await found("TAR-2")]).toEqual([[before.id], [before.id]]);
    const next = await make(to);
    expect([next.key, next.rank]).toEqual(["TAR-3", "i000000003"]);
    expect((await make(from)).key).toBe("ORI-2");
    const logs = (await team.ask<Page<TaskLogEntry>>("GET", `/tasks/${before.id}/logs`, { as: team.linus })).body.items;
    expect(logs.map(({ type }) => type)).toEqual(["task.moved_project", "worklog.recorded", "task.created"]);
    expect(logs[0]?.changes).toMatchObject([
      { field: "project_id", from: from.id, from_text: "Origin", to: to.id, to_text: "Target" },
      { field: "key", from: "ORI-1", to: "TAR-2" },
    ]);
  });

  test("assignees who are no members there fall away; the event says who, and stands in the new project", async () => {
    const { ada, grace, linus } = team;
    const [from, to] = [await team.project("Full"), await alone("Empty")];
    const { id } = await make(from, { assignee_ids: [grace.user_id, ada.user_id, linus.user_id] });
    expect((await move(id, to.id)).body.assignee_ids).toEqual([ada.user_id]);
    expect(await team.lastEvent(id)).toEqual({
      type: "task.moved_project",
      actor_id: ada.user_id,
      data: {
        task_id: id,
        project_id: to.id,
        key: "EMP-1",
        title: "A task",
        version: 2,
        from_project_id: from.id,
        from_key: "FUL-1",
        removed_user_ids: [grace.user_id, linus.user_id],
        changes: [
          { field: "project_id", from: from.id, to: to.id },
          { field: "key", from: "FUL-1", to: "EMP-1" },
          { field: "assignee_ids", from: [grace.user_id, ada.user_id, linus.user_id], to: [ada.user_id] },
        ],
      },
    });
    const rows = await rowsOf<{ user_id: string }>(
      team.db,
      sql`select user_id from task_assignees where task_row in (select row from tasks where id = ${id})`,
    );
    expect(rows.map(({ user_id }) => user_id)).toEqual([ada.user_id]);
    const [said] = await rowsOf<{ aggregate_id: string }>(
      team.db,
      sql`select aggregate_id from journal where entity_id = ${id} order by seq desc limit 1`,
    );
    expect(said?.aggregate_id).toBe(to.id);
  });

  test("everything below goes along, in its order, with numbers and events of its own, the trash too", async () => {
    const { ada, grace } = team;
    const [from, to] = [await team.project("Wood"), await alone("Garden")];
    const above = await make(from);
    const top = await make(from, { parent_id: above.id });
    const [late, early] = [await make(from, { parent_id: top.id }), await make(from, { parent_id: top.id })];
    const leaf = await make(from, { parent_id: early.id, assignee_ids: [grace.user_id] });
    const gone = await make(from, { parent_id: late.id });
    await team.ask("DELETE", `/tasks/${gone.id}`, { as: ada });
    await team.ask("PATCH", `/tasks/${early.id}/move`, { as: ada, body: { before_id: late.id } });
    await team.ask("PATCH", `/tasks/${top.id}/move`, { as: ada, body: {} });
    const { body } = await move(top.id, to.id);
    expect((await inOrder(to.id)).map(({ id }) => id)).toEqual([early, late, leaf, top].map(({ id }) => id));
    expect([body.parent_id, body.key, (await team.read(above.id)).project_id]).toEqual([null, "GAR-1", from.id]);
    const after = await Promise.all([early, late, leaf, gone].map(({ id }) => team.read(id)));
    expect(after.map(({ key, parent_id, project_id }) => [key, parent_id, project_id])).toEqual([
      ["GAR-2", top.id, to.id],
      ["GAR-3", top.id, to.id],
      ["GAR-4", early.id, to.id],
      ["GAR-5", late.id, to.id],
    ]);
    expect(after[3]?.deleted_at).toBeString();
    expect(await team.lastEvent(leaf.id)).toMatchObject({
      type: "task.moved_project",
      data: {
        key: "GAR-4",
        version: 2,
        from_key: "WOO-5",
        from_project_id: from.id,
        removed_user_ids: [grace.user_id],
      },
    });
    expect((await team.journal(top.id)).at(-1)?.data).toContain('"field":"parent_id"');
    expect((await team.journal(early.id)).at(-1)?.data).not.toContain('"field":"parent_id"');
    expect((await make(to)).key).toBe("GAR-6");
  });

  test("again changes nothing; there and back it has a new key, and every key that it ever had finds it", async () => {
    const [from, to] = [await team.project("Ping"), await team.project("Pong")];
    const { id } = await make(from);
    const first = (await move(id, to.id)).body;
    expect((await move(id, to.id)).body).toEqual(first);
    expect(await team.journal(id)).toHaveLength(2);
    expect((await move(id, from.id)).body).toMatchObject({ key: "PIN-2", number: 2, version: 3 });
    for (const key of ["PIN-1", "PON-1", "PIN-2"]) expect(await found(key)).toEqual([id]);
    expect(await found("PIN-3")).toEqual([]);
  });

  test("other fields of the same patch change with it, in one version, and are judged by where it goes", async () => {
    const { ada, grace, linus } = team;
    const [from, to] = [await team.project("Left"), await alone("Right")];
    await team.ask("POST", `/projects/${to.id}/users`, { as: ada, body: { username: "linus", role: "viewer" } });
    const [parent, task] = [await make(to), await make(from, { assignee_ids: [grace.user_id] })];
    const refused = await move<Problem>(task.id, to.id, { assignee_ids: [grace.user_id, linus.user_id] });
    expect([refused.status, refused.body.error_code]).toEqual([422, "not_a_member"]);
    const stray = await move<Problem>(task.id, to.id, { parent_id: (await make(from)).id });
    expect([stray.status, stray.body.errors?.[0]?.path]).toEqual([422, "/parent_id"]);
    const more = {
      title: "New",
      status: "completed",
      parent_id: parent.id,
      assignee_ids: [linus.user_id],
      labels: ["y"],
    };
    const { body } = await move(task.id, to.id, more);
    expect(body).toMatchObject({ ...more, key: "RIG-2", version: 2 });
    expect(body.completed_at).toBeString();
    const told = (await team.journal(task.id)).slice(1).map(({ type, data }) => ({ type, ...JSON.parse(data) }));
    expect(told).toMatchObject([
      { type: "task.moved_project", version: 2, key: "RIG-2", removed_user_ids: [grace.user_id] },
      { type: "task.completed", version: 2, key: "RIG-2", project_id: to.id, title: "New" },
      { type: "task.assigned", version: 2, user_ids: [linus.user_id], removed_user_ids: [], changes: [{ from: [] }] },
    ]);
    const whole = await make(from, { parent_id: (await make(from)).id, assignee_ids: [grace.user_id] });
    const back = await move(whole.id, to.id, { ...whole, project_id: to.id });
    expect(back.body).toMatchObject({ parent_id: null, assignee_ids: [], project_id: to.id, version: 2 });
  });

  test("a personal task goes into a project by its creator, with what is below it, and never back", async () => {
    const { ada, grace, root } = team;
    const to = await team.project("Shared");
    const [mine, below] = [await team.task(grace, { assignee_ids: [grace.user_id] }), await team.task(grace, {})];
    await team.ask("PATCH", `/tasks/${below.id}`, { as: grace, body: { parent_id: mine.id } });
    expect(await team.statuses("PATCH", `/tasks/${mine.id}`, [null, ada], { project_id: to.id })).toEqual([401, 403]);
    const { status, body } = await move(mine.id, to.id, {}, grace);
    expect([status, body.key, body.number, body.assignee_ids]).toEqual([200, "SHA-1", 1, [grace.user_id]]);
    expect((await team.lastEvent(mine.id)).data).toMatchObject({ from_project_id: null, from_key: null });
    expect(await team.read(below.id)).toMatchObject({ key: "SHA-2", parent_id: mine.id });
    for (const as of [ada, grace, root]) {
      const never = await move<Problem>(mine.id, null, {}, as);
      expect([never.status, never.body.errors?.[0]?.path]).toEqual([422, "/project_id"]);
    }
    const personal = await team.task(grace, {});
    expect((await move(personal.id, null, {}, grace)).body).toEqual(personal);
  });

  test("is for developers of both projects: 401, 403, 404; a superuser may", async () => {
    const { ada, grace, linus, eve, root } = team;
    const [from, to, hers] = [await team.project("From"), await team.project("To"), await alone("Hers", eve)];
    const { id } = await make(from);
    const statuses = (project_id: string, people: readonly (Person | null)[]) =>
      team.statuses("PATCH", `/tasks/${id}`, people, { project_id });
    expect(await statuses(to.id, [null, linus, eve])).toEqual([401, 403, 403]);
    expect(await statuses(hers.id, [ada, grace])).toEqual([403, 403]);
    expect(await statuses(newId(), [ada, root])).toEqual([404, 404]);
    await team.ask("POST", `/projects/${hers.id}/users`, { as: eve, body: { username: "ada", role: "viewer" } });
    expect(await statuses(hers.id, [ada])).toEqual([403]);
    await team.ask("DELETE", `/projects/${to.id}`, { as: ada });
    expect(await statuses(to.id, [grace, root])).toEqual([404, 404]);
    expect(await statuses(hers.id, [root])).toEqual([200]);
    expect((await team.read(id, eve)).key).toBe("HER-1");
    expect((await team.ask("GET", `/tasks/${id}`, { as: grace })).status).toBe(403);
  });

  test("412 for an If-Match that others' change of the same has passed; what does not overlap is merged", async () => {
    const [from, to, third] = [await team.project("Alpha"), await team.project("Beta"), await team.project("Gamma")];
    const { id } = await make(from);
    await team.ask("PATCH", `/tasks/${id}`, { as: team.ada, body: { title: "Renamed" } });
    const headers = { "if-match": '"1"' };
    expect((await move(id, to.id, {}, team.ada, headers)).body).toMatchObject({ title: "Renamed", version: 3 });
    expect((await move(id, third.id, {}, team.ada, headers)).status).toBe(412);
    expect((await team.ask("PATCH", `/tasks/${id}`, { as: team.ada, body: { priority: "low" }, headers })).status).toBe(
      200,
    );
  });

  test("422 for a tree that is deeper than trees may be", async () => {
    const [from, to] = [await team.project("Deep"), await team.project("Flat")];
    let leaf = await make(from);
    const top = leaf;
    for (let level = 2; level <= 5; level++) leaf = await make(from, { parent_id: leaf.id });
    const lower = await make(from);
    // As they were taken before the limit.
    await team.db.write([sql`update tasks set parent_id = ${leaf.id} where id = ${lower.id}`]);
    const { status, body } = await move<Problem>(top.id, to.id);
    expect([status, body.errors?.[0]?.path]).toEqual([422, "/project_id"]);
    expect((await move(leaf.id, to.id)).status).toBe(200);
  });

  test("takes a fixed number of statements, whatever goes along", async () => {
    const [from, to] = [await team.project("Count"), await team.project("Counted")];
    const top = await make(from);
    await Promise.all(Array.from({ length: 20 }, () => make(from, { parent_id: top.id })));
    const statements = (id: string) => team.statementsOf(() => move(id, to.id));
    // The task, who stays assigned; the events, the old keys, the assignees, the tasks, the counter, the answer.
    expect([(await statements(top.id)).length, (await statements((await make(from)).id)).length]).toEqual([9, 9]);
  });
});

describe("at once", () => {
  test("50 moves into one project and 50 new tasks there take numbers without a gap", async () => {
    const [from, to] = [await team.project("Crowd"), await team.project("Room")];
    const tasks = await Promise.all(Array.from({ length: 50 }, () => make(from)));
    await Promise.all(tasks.map(({ id }) => make(from, { parent_id: id })));
    const answers = await Promise.all(
      tasks.flatMap(({ id }) => [
        move(id, to.id),
        team.ask("POST", "/tasks", { as: team.ada, body: { title: "New", project_id: to.id } }),
      ]),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 201]));
    const [counted] = await rowsOf<Record<string, number>>(
      team.db,
      sql`select count(distinct number) as numbers, max(number) as last, count(distinct rank) as places from tasks
        where project_id = ${to.id}`,
    );
    expect(counted).toEqual({ numbers: 150, last: 150, places: 150 });
  }, 60_000);

  test("two moves of one task to two projects: it ends in one, with one number in each that it came to", async () => {
    for (let round = 0; round < 5; round++) {
      const [from, one, two] = [await team.project(), await team.project(), await team.project()];
      const { id } = await make(from);
      const answers = await Promise.all([move(id, one.id), move(id, two.id, {}, team.grace)]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      const task = await team.read(id);
      expect([task.version, (await team.journal(id)).length]).toEqual([3, 3]);
      expect(answers.map(({ body }) => body.key)).toContain(task.key);
    }
  });

  test("a move, and the trash, an edit, work, a subtask, a lost right or a trashed target: all or nothing of each", async () => {
    for (let round = 0; round < 8; round++) {
      const [from, to] = [await team.project(), await team.project()];
      const task = await make(from, { assignee_ids: [team.linus.user_id] });
      const { id } = task;
      const as = team.ada;
      const answers = await Promise.all([
        move(id, to.id, {}, team.grace),
        team.ask("PATCH", `/tasks/${id}`, { as, body: { title: "Edited" } }),
        team.ask("POST", `/tasks/${id}/worklogs`, { as, body: { minutes: 5 } }),
        team.ask("POST", "/tasks", { as, body: { title: "Below", project_id: from.id, parent_id: id } }),
        round % 2 === 0
          ? team.ask("DELETE", `/projects/${to.id}/users/${team.grace.user_id}`, { as })
          : team.ask("DELETE", `/projects/${to.id}`, { as }),
      ]);
      expect(answers.every(({ status }) => status < 500)).toBe(true);
      const [moved] = answers;
      expect([200, 403, 404]).toContain(moved.status);
      const [now] = await rowsOf<{ project_id: string; logged_minutes: number; strays: number; wrong: number }>(
        team.db,
        sql`select project_id, logged_minutes,
          (select count(*) from tasks b where b.parent_id = t.id and b.project_id <> t.project_id) as strays,
          (select count(*) from journal j where j.entity_id = t.id and j.aggregate_id <> json_extract(j.data, '$.project_id')) as wrong
          from tasks t where id = ${id}`,
      );
      expect(now).toEqual({
        project_id: moved.status === 200 ? to.id : from.id,
        logged_minutes: 5,
        strays: 0,
        wrong: 0,
      });
    }
  });
});

describe("POST /tasks/bulk {project_id}", () => {
  test("moves all of them; who goes with their parent stays below it", async () => {
    const { ada, grace } = team;
    const [from, to] = [await team.project("Many"), await team.project("Moved")];
    const [top, free, there] = [await make(from), await make(from), await make(to)];
    const below = await make(from, { parent_id: top.id });
    const ids = [below.id, there.id, top.id, free.id];
    const patch = { project_id: to.id, priority: "low" };
    const { status, body } = await team.ask<{ items: Task[] }>("POST", "/tasks/bulk", {
      as: grace,
      body: { ids, patch },
    });
    expect(status).toBe(200);
    expect(body.items.map(({ key, parent_id, version, priority }) => [key, parent_id, version, priority])).toEqual([
      ["MOV-4", top.id, 2, "low"],
      ["MOV-1", null, 2, "low"],
      ["MOV-2", null, 2, "low"],
      ["MOV-3", null, 2, "low"],
    ]);
    for (const { id, key } of body.items) {
      expect((await team.lastEvent(id)).data).toMatchObject({ key, version: 2, project_id: to.id });
    }
    const again = await team.ask<{ items: Task[] }>("POST", "/tasks/bulk", { as: ada, body: { ids, patch } });
    expect(again.body).toEqual(body);
  });

  test("404 and 403 for the project, 422 for null on a project's task: nothing moves", async () => {
    const { ada, eve } = team;
    const [from, hers] = [await team.project(), await alone("Hers too", eve)];
    const [task, mine] = [await make(from), await team.task(ada, {})];
    const refused = async (project_id: string | null, more = {}) => {
      const body = { ids: [mine.id, task.id], patch: { project_id, ...more } };
      const answer = await team.ask("POST", "/tasks/bulk", { as: ada, body });
      return [answer.status, answer.body.errors?.map(({ path }) => path)];
    };
    expect(await refused(newId(), { assignee_ids: [eve.user_id] })).toEqual([404, undefined]);
    expect(await refused(hers.id, { assignee_ids: [ada.user_id] })).toEqual([403, undefined]);
    expect(await refused(null)).toEqual([422, ["/ids/1"]]);
    expect([await team.read(task.id), await team.read(mine.id)]).toEqual([task, mine]);
  });
});
