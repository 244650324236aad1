import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { raw, sql } from "@stoa/db";
import { intercepted, meanwhile, rowsOf } from "@stoa/testing";
import { maintain } from "../maintenance.ts";
import { startTeam, type Team } from "../test/team.ts";
import { purgeProjects } from "./purge.ts";
import type { Project } from "./schema.ts";

let team: Team;
beforeEach(async () => {
  team = await startTeam();
  day(0);
});
afterEach(() => team.close());

/** Sets the clock to some days after the beginning. */
function day(days: number): void {
  team.setClock(new Date(Date.parse("2026-11-01T09:00:00.000Z") + days * 86_400_000).toISOString());
}

const trash = (id: string) => team.ask("DELETE", `/projects/${id}`, { as: team.ada });
const restore = (id: string) => team.ask<Project>("POST", `/projects/${id}/restore`, { as: team.ada });
const types = async (id: string) => (await team.journal(id)).map(({ type }) => type);

/** How many rows each table has. */
const rows = async () => {
  const counted = ["projects", "members", "counters", "tasks", "task_labels", "task_assignees"].map(
    (table) => `(select count(*) from ${table}) as ${table}`,
  );
  return (await rowsOf(team.db, raw(`select ${counted.join(", ")}`)))[0];
};

/** A project with tasks, labelled and assigned, below each other, and one that went to the trash before it. */
async function trashed(name = "Apollo") {
  const { id } = await team.project(name);
  const top = await team.task(team.ada, { project_id: id, labels: ["a", "b"], assignee_ids: [team.grace.user_id] });
  await team.task(team.ada, { project_id: id, parent_id: top.id, title: "Guidance" });
  const early = await team.task(team.ada, { project_id: id });
  await team.ask("DELETE", `/tasks/${early.id}`, { as: team.ada });
  await trash(id);
  return { id, top, early };
}

describe("a project in the trash", () => {
  test("stays for 30 days, then goes for good with its tasks and all that hangs on them, and says so once", async () => {
    const before = await rows();
    const { id, top, early } = await trashed();
    day(29.99);
    await maintain(team.deps);
    expect(await team.statuses("GET", `/projects/${id}`, [team.ada])).toEqual([200]);
    day(30);
    await maintain(team.deps);
    await maintain(team.deps);
    expect(await rows()).toEqual(before);
    const { ada, grace, root } = team;
    expect(await team.statuses("GET", `/projects/${id}`, [ada, grace, root])).toEqual([404, 404, 404]);
    expect(await team.statuses("GET", `/tasks/${top.id}`, [ada, root])).toEqual([404, 404]);
    expect(await team.statuses("POST", `/projects/${id}/restore`, [ada, root])).toEqual([404, 404]);
    expect((await types(id)).filter((type) => type === "project.purged")).toHaveLength(1);
    expect(await team.lastEvent(id)).toMatchObject({
      type: "project.purged",
      actor_id: null,
      data: { project_id: id, name: "Apollo", version: 5 },
    });
    // Its tasks go with it, and have no event of their own.
    expect([(await types(top.id)).at(-1), (await types(early.id)).at(-1)]).toEqual(["task.created", "task.trashed"]);
    expect((await team.ask("GET", "/tasks?q=Guidance", { as: root })).body).toMatchObject({ items: [] });
  });

  test("that is restored in time starts anew when it comes to the trash again", async () => {
    const { id } = await trashed();
    day(20);
    await restore(id);
    day(40);
    await maintain(team.deps);
    expect(await team.statuses("GET", `/projects/${id}`, [team.ada])).toEqual([200]);
    await trash(id);
    day(69);
    await maintain(team.deps);
    expect((await restore(id)).status).toBe(200);
  });

  test("gives its key free, when it goes", async () => {
    const body = { name: "Apollo", key: "APO" };
    const { body: project } = await team.ask<Project>("POST", "/projects", { as: team.ada, body });
    await trash(project.id);
    expect(await team.statuses("POST", "/projects", [team.ada], body)).toEqual([409]);
    day(30);
    await maintain(team.deps);
    expect(await team.statuses("POST", "/projects", [team.ada], body)).toEqual([201]);
  });

  test("leaves what others have: other projects in the trash, and live ones", async () => {
    const live = await team.project("Live");
    const task = await team.task(team.ada, { project_id: live.id });
    await trashed("Old");
    day(15);
    const late = await trashed("Late");
    day(30);
    await maintain(team.deps);
    expect(await team.statuses("GET", `/projects/${live.id}`, [team.ada])).toEqual([200]);
    expect(await team.statuses("GET", `/tasks/${task.id}`, [team.ada])).toEqual([200]);
    expect(await team.statuses("POST", `/projects/${late.id}/restore`, [team.ada])).toEqual([200]);
    expect(await team.statuses("GET", `/tasks/${late.top.id}`, [team.ada])).toEqual([200]);
  });
});

describe("restoring against going for good: one wins, whole", () => {
  test("a restore that comes first leaves everything, whatever the purge had read", async () => {
    const { id, top } = await trashed();
    day(30);
    const db = { ...team.deps.db };
    meanwhile(db, () => restore(id));
    await purgeProjects({ ...team.deps, db });
    expect(await team.statuses("GET", `/projects/${id}`, [team.ada, team.grace])).toEqual([200, 200]);
    expect(await team.read(top.id)).toMatchObject({ deleted_at: null, labels: ["a", "b"] });
    expect(await types(id)).not.toContain("project.purged");
  });

  test("after the purge has begun nothing comes back, also while its tasks are still going; a killed one is continued", async () => {
    const { id, top } = await trashed();
    day(30);
    let killed = false;
    const db = intercepted(team.deps.db, {
      write: ([statement]) => {
        if (!statement?.sql.startsWith("delete from tasks")) return;
        killed = true;
        throw new Error("killed");
      },
    });
    const purging = purgeProjects({ ...team.deps, db }).catch((error: Error) => error.message);
    expect([await purging, killed]).toEqual(["killed", true]);
    const { ada, grace, linus, root } = team;
    expect((await restore(id)).status).toBe(404);
    expect(await team.statuses("GET", `/projects/${id}`, [ada, root])).toEqual([404, 404]);
    expect(await team.statuses("GET", `/tasks/${top.id}`, [ada, grace, linus])).toEqual([404, 404, 404]);
    expect(await team.statuses("POST", `/tasks/${top.id}/restore`, [ada, root])).toEqual([404, 409]);
    for (const as of [ada, root]) {
      const { body } = await team.ask<{ items: Project[] }>("GET", "/projects?deleted=true", { as });
      expect(body.items).toEqual([]);
    }
    await maintain(team.deps);
    expect(await rows()).toMatchObject({ projects: 0, tasks: 0, members: 0 });
    expect((await types(id)).filter((type) => type === "project.purged")).toHaveLength(1);
  });

  test("of many at once, each project is there whole, or gone whole", async () => {
    const all = [];
    for (let n = 0; n < 12; n++) all.push(await trashed(`Race ${n}`));
    day(30);
    const answers = await Promise.all([...all.map(({ id }) => restore(id)), maintain(team.deps), maintain(team.deps)]);
    for (const [index, { id, top }] of all.entries()) {
      const restored = answers[index]?.status === 200;
      const left = await rowsOf(team.db, sql`select deleted_at from tasks where project_id = ${id} order by row`);
      expect([index, left.length]).toEqual([index, restored ? 2 : 0]);
      expect(await team.statuses("GET", `/tasks/${top.id}`, [team.ada])).toEqual([restored ? 200 : 404]);
      expect((await types(id)).at(-1)).toBe(restored ? "project.restored" : "project.purged");
    }
  });
});

test("a project of many tasks goes in small writes, between which other work runs", async () => {
  const { id } = await team.project("Large");
  const one = await team.task(team.ada, { project_id: id });
  await team.db.write([
    sql`with recursive n (n) as (select 2 union all select n + 1 from n where n < 1201)
      insert into tasks (id, project_id, scope, number, title, status, priority, creator_id, assignee_ids, labels, rank, version,
        created_at, updated_at)
      select 'task ' || n, project_id, scope, n, title, status, priority, creator_id, assignee_ids, labels, rank || n, 1,
        created_at, updated_at from n, tasks where id = ${one.id}`,
  ]);
  await trash(id);
  day(30);
  const deleted: number[] = [];
  let turns = 0;
  let going = true;
  const turn = () => {
    turns++;
    if (going) setImmediate(turn);
  };
  setImmediate(turn);
  const db = intercepted(team.deps.db, {
    written: ([statement], [result]) => {
      if (statement?.sql.startsWith("delete from tasks")) deleted.push(result?.changes ?? -1);
    },
  });
  await purgeProjects({ ...team.deps, db });
  going = false;
  expect(deleted).toEqual([500, 500, 201, 0]);
  expect(turns).toBeGreaterThanOrEqual(deleted.length);
});
