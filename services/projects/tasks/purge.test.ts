import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { raw, sql } from "@stoa/db";
import { meanwhile, rowsOf } from "@stoa/testing";
import { maintain } from "../maintenance.ts";
import { startTeam, type Team } from "../test/team.ts";
import { purgeTasks } from "./purge.ts";

let team: Team;
let project_id: string;
beforeEach(async () => {
  team = await startTeam();
  day(0);
  project_id = (await team.project()).id;
});
afterEach(() => team.close());

function day(days: number): void {
  team.setClock(new Date(Date.parse("2026-11-01T09:00:00.000Z") + days * 86_400_000).toISOString());
}

const make = (body: object = {}) => team.task(team.ada, { project_id, ...body });
const trash = (id: string) => team.ask("DELETE", `/tasks/${id}`, { as: team.ada });
const restore = (id: string) => team.ask("POST", `/tasks/${id}/restore`, { as: team.ada });
const types = async (id: string) => (await team.journal(id)).map(({ type }) => type);

describe("a task in the trash", () => {
  test("stays for 30 days, then goes for good with what went with it, each with an event, once", async () => {
    const top = await make({ labels: ["a"], assignee_ids: [team.grace.user_id] });
    const below = await make({ parent_id: top.id, title: "Below" });
    const live = await make();
    await trash(top.id);
    const personal = await team.task(team.eve, { title: "Mine" });
    await team.ask("DELETE", `/tasks/${personal.id}`, { as: team.eve });
    day(29.99);
    await maintain(team.deps);
    expect(await team.statuses("GET", `/tasks/${below.id}`, [team.ada])).toEqual([200]);
    day(30);
    await Promise.all([maintain(team.deps), maintain(team.deps)]);
    expect(await team.statuses("GET", `/tasks/${top.id}`, [team.ada, team.root])).toEqual([404, 404]);
    expect(await team.statuses("GET", `/tasks/${personal.id}`, [team.eve])).toEqual([404]);
    expect(await team.statuses("GET", `/tasks/${live.id}`, [team.ada])).toEqual([200]);
    expect(await types(below.id)).toEqual(["task.created", "task.trashed", "task.purged"]);
    const { key } = below;
    expect(await team.lastEvent(below.id)).toMatchObject({
      actor_id: null,
      data: { task_id: below.id, project_id, key, title: "Below", version: 3 },
    });
    const hanging = raw(
      "select (select count(*) from task_labels) as labels, (select count(*) from task_assignees) as assignees",
    );
    expect(await rowsOf(team.db, hanging)).toEqual([{ labels: 0, assignees: 0 }]);
  });

  test("whose project is in the trash goes with that when it went with it, and by itself when it went before", async () => {
    const [together, before] = [await make(), await make()];
    await trash(before.id);
    day(10);
    await team.ask("DELETE", `/projects/${project_id}`, { as: team.ada });
    day(30);
    await maintain(team.deps);
    expect((await types(before.id)).at(-1)).toBe("task.purged");
    await team.ask("POST", `/projects/${project_id}/restore`, { as: team.ada });
    expect((await team.read(together.id)).deleted_at).toBeNull();
  });

  test("that is restored as it is about to go stays, with all below it", async () => {
    const top = await make();
    const below = await make({ parent_id: top.id });
    await trash(top.id);
    day(30);
    const db = { ...team.deps.db };
    meanwhile(db, () => restore(top.id));
    await purgeTasks({ ...team.deps, db });
    expect([(await team.read(top.id)).deleted_at, (await team.read(below.id)).deleted_at]).toEqual([null, null]);
    expect(await types(below.id)).not.toContain("task.purged");
  });

  test("of many that are restored at once, each goes or comes back with all below it", async () => {
    const all = [];
    for (let n = 0; n < 12; n++) {
      const top = await make();
      all.push({ top, below: await make({ parent_id: top.id }) });
      await trash(top.id);
    }
    day(30);
    const answers = await Promise.all([...all.map(({ top }) => restore(top.id)), maintain(team.deps)]);
    for (const [index, { top, below }] of all.entries()) {
      const status = answers[index]?.status === 200 ? 200 : 404;
      for (const { id } of [top, below])
        expect(await team.statuses("GET", `/tasks/${id}`, [team.ada])).toEqual([status]);
      expect((await types(below.id)).at(-1)).toBe(status === 200 ? "task.restored" : "task.purged");
    }
  });

  test("is found by an index, in writes of two hundred, however many there are", async () => {
    const one = await make();
    await trash(one.id);
    await team.db.write([
      sql`with recursive n (n) as (select 2 union all select n + 1 from n where n < 451)
        insert into tasks (id, project_id, scope, number, title, status, priority, creator_id, assignee_ids, labels, rank, version,
          created_at, updated_at, deleted_at, deletion_id)
        select 'task ' || n, project_id, scope, n, title, status, priority, creator_id, assignee_ids, labels, rank || n, 1,
          created_at, updated_at, deleted_at, 'deletion ' || n from n, tasks where id = ${one.id}`,
    ]);
    day(30);
    const statements = await team.statementsOf(() => purgeTasks(team.deps));
    expect(statements.filter((text) => text.startsWith("delete from tasks"))).toHaveLength(3);
    const [read = ""] = statements;
    const plan = await rowsOf<{ detail: string }>(team.db, raw(`explain query plan ${read.replaceAll("?", "1")}`));
    expect(plan.map(({ detail }) => detail).join("; ")).toContain("SEARCH t USING INDEX tasks_trash");
    expect(await rowsOf(team.db, sql`select count(*) as n from tasks`)).toEqual([{ n: 0 }]);
    const said = sql`select count(*) as n, count(distinct entity_id) as tasks from journal where type = 'task.purged'`;
    expect(await rowsOf(team.db, said)).toEqual([{ n: 451, tasks: 451 }]);
  });
});

describe("when a user is erased", () => {
  const erase = (user_id: string) => team.apply("user.erased", { user_id, session_ids: [] });

  test("their personal tasks go for good, in the trash and out of it, with labels, index and what the journal says", async () => {
    const { eve, root, ada } = team;
    const secret = "Tell nobody";
    const task = await team.task(eve, {
      title: secret,
      description: secret,
      labels: ["diary"],
      assignee_ids: [eve.user_id],
    });
    const gone = await team.task(eve, { title: secret });
    await team.ask("PATCH", `/tasks/${task.id}`, { as: eve, body: { description: `${secret} ever` } });
    await team.ask("DELETE", `/tasks/${gone.id}`, { as: eve });
    const shared = await make({ title: "Shared" });
    await team.ask("POST", `/projects/${project_id}/users`, { as: ada, body: { username: "eve", role: "developer" } });
    await team.ask("PATCH", `/tasks/${shared.id}`, { as: eve, body: { title: "By Eve" } });

    await erase(eve.user_id);

    expect(await team.statuses("GET", `/tasks/${task.id}`, [root])).toEqual([404]);
    expect(await team.statuses("GET", `/tasks/${gone.id}`, [root])).toEqual([404]);
    expect((await team.ask<{ items: unknown[] }>("GET", `/tasks?q=${secret}`, { as: root })).body.items).toEqual([]);
    expect(await rowsOf(team.db, sql`select 1 from journal where data like ${`%${secret}%`}`)).toEqual([]);
    expect(await rowsOf(team.db, sql`select 1 from task_labels where label = 'diary'`)).toEqual([]);
    expect(await types(task.id)).toEqual(["task.created", "task.updated", "task.purged"]);
    // What they did in projects is the project's.
    expect((await team.read(shared.id)).title).toBe("By Eve");
    const [changed] = (await team.journal(shared.id)).filter(({ type }) => type === "task.updated");
    expect(changed?.data).toContain("By Eve");
    await maintain(team.deps);
    expect(await rowsOf(team.db, sql`select 1 from erasures`)).toEqual([]);
    expect(await rowsOf(team.db, sql`select 1 from counters where scope_id = ${eve.user_id}`)).toEqual([]);
  });

  test("very many go in parts: some at once, the others by the job, in small writes", async () => {
    const one = await team.task(team.eve, { title: "Mine" });
    await team.db.write([
      sql`with recursive n (n) as (select 2 union all select n + 1 from n where n < 1101)
        insert into tasks (id, scope, title, status, priority, creator_id, assignee_ids, labels, rank, version, created_at, updated_at)
        select 'task ' || n, scope, title, status, priority, creator_id, assignee_ids, labels, rank || n, 1, created_at, updated_at
        from n, tasks where id = ${one.id}`,
    ]);
    const left = async () => (await rowsOf<{ n: number }>(team.db, sql`select count(*) as n from tasks`))[0]?.n;
    await erase(team.eve.user_id);
    expect(await left()).toBe(601);
    await Promise.all([maintain(team.deps), maintain(team.deps)]);
    expect(await left()).toBe(0);
    const said = sql`select count(*) as n, count(distinct entity_id) as tasks, max(data ->> 'title') as title
      from journal where type = 'task.purged'`;
    expect(await rowsOf(team.db, said)).toEqual([{ n: 1101, tasks: 1101, title: "" }]);
  });
});
