import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import { intercepted, rowsOf } from "@stoa/testing";
import { startTeam, type Team } from "../test/team.ts";
import { keepReports } from "./keep.ts";
import { beginningOf } from "./numbers.ts";
import { reportsReady } from "./ready.ts";
import { rebuildReports, reportTables } from "./rebuild.ts";
import type { Burndown, CumulativeFlow, Overdue, Summary, Throughput, Workload } from "./schema.ts";

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterEach(() => team.setClock(undefined));
afterAll(() => team.close());

const names = ["summary", "burndown", "cumulative-flow", "throughput", "cycle-time", "workload", "overdue"];
const read = async <T>(id: string, path: string) =>
  (await team.ask<T>("GET", `/projects/${id}/reports/${path}`, { as: team.linus })).body;
const finished = async (id: string, days: string) =>
  (await read<Throughput>(id, `throughput?${days}`)).days.map((day) => day.finished);

async function tables(): Promise<unknown[][]> {
  const found: unknown[][] = [];
  for (const table of reportTables)
    found.push((await team.db.query(sql`select * from ${table}`)).map((row) => JSON.stringify(row)).sort());
  return found;
}

describe.each(names)("GET …/reports/%s", (name) => {
  test("401, 403, 404; 422 before 404 for bad days and zones", async () => {
    const { id } = await team.project();
    const { ada, grace, linus, eve, root } = team;
    const path = `/projects/${id}/reports/${name}`;
    expect(await team.statuses("GET", path, [null, eve, linus, grace, ada, root])).toEqual([
      401, 403, 200, 200, 200, 200,
    ]);
    expect(await team.statuses("GET", `/projects/nothing/reports/${name}`, [ada])).toEqual([404]);
    for (const [query, field] of [
      ["tz=Mars/Olympus", "tz"],
      ["tz=%2B05:30", "tz"],
      ["from=2026-02-29", "from"],
      ["to=0000-01-01", "to"],
      ["to=2026-1-1", "to"],
      ["from=2026-11-21&to=2026-11-20", "from"],
      ["from=2025-11-19&to=2026-11-20", "from"],
      ["days=3", "days"],
    ]) {
      const { status, body } = await team.ask("GET", `/projects/${newId()}/reports/${name}?${query}`, { as: ada });
      expect([query, status, body.errors?.map(({ path }) => path)]).toEqual([query, 422, [`/query/${field}`]]);
    }
    expect(await team.statuses("GET", `${path}?from=2999-01-01`, [ada])).toEqual([422]);
    expect(await team.statuses("GET", `${path}?from=2025-11-20&to=2026-11-20&tz=asia/kolkata`, [ada])).toEqual([200]);
  });

  test("costs a fixed number of statements", async () => {
    const { id } = await team.project();
    const cost = async () =>
      (await team.statementsOf(() => team.ask("GET", `/projects/${id}/reports/${name}`, { as: team.linus }))).length;
    await cost();
    // The project, and whether anything is new in the journal; then what the report reads.
    const own = { summary: 4, "cycle-time": 2 }[name] ?? 1;
    const before = await cost();
    for (let n = 0; n < 5; n++) await team.task(team.ada, { project_id: id });
    await cost();
    expect([before, await cost()]).toEqual([2 + own, 2 + own]);
  });
});

test("without days it is the thirty up to today; a day that is all future is null", async () => {
  team.setClock("2026-11-23T23:30:00.000Z");
  const { id } = await team.project();
  await team.task(team.ada, { project_id: id });
  const usual = await read<Burndown>(id, "burndown");
  expect([usual.from, usual.to, usual.tz, usual.days.length]).toEqual(["2026-10-25", "2026-11-23", "UTC", 30]);
  expect((await read<Burndown>(id, "burndown?tz=Europe/Berlin")).to).toBe("2026-11-24");
  const later = await read<Burndown>(id, "burndown?from=2026-12-01&to=2026-12-02");
  expect([later.as_of, later.days[1]]).toEqual([
    null,
    { day: "2026-12-02", scope: null, done: null, remaining: null, added: null, removed: null, ideal: null },
  ]);
  const days = "from=2026-12-01&to=2026-12-02";
  expect(await read<Workload>(id, `workload?${days}`)).toMatchObject({ assignees: [], unassigned: { open: 0 } });
  expect(await read<Overdue>(id, `overdue?${days}`)).toMatchObject({ overdue: 0, tasks: [] });
  expect(await read<Summary>(id, `summary?${days}`)).toMatchObject({ finished: 0, cycle_days: null, overdue: 0 });
});

test("days of 23, 24½ and 25 hours end where the zone's day does", async () => {
  const { id } = await team.project();
  const make = async (times: readonly string[]) => {
    for (const time of times) {
      team.setClock(time);
      await team.task(team.ada, { project_id: id });
    }
  };
  // Berlin, 2027-03-28: 23 hours from 23:00 UTC. Lord Howe, 2027-04-04: 24½ hours from 13:00 UTC.
  await make([
    "2027-03-27T22:59:59.999Z",
    "2027-03-27T23:00:00.000Z",
    "2027-03-28T21:59:59.999Z",
    "2027-03-28T22:00:00.000Z",
  ]);
  await make([
    "2027-04-03T12:59:59.999Z",
    "2027-04-03T13:00:00.000Z",
    "2027-04-04T13:29:59.999Z",
    "2027-04-04T13:30:00.000Z",
  ]);
  // Berlin, 2027-10-31: 25 hours from 22:00 UTC.
  await make([
    "2027-10-30T21:59:59.999Z",
    "2027-10-30T22:00:00.000Z",
    "2027-10-31T22:59:59.999Z",
    "2027-10-31T23:00:00.000Z",
  ]);
  const added = async (from: string, to: string, tz: string) =>
    (await read<Burndown>(id, `burndown?from=${from}&to=${to}&tz=${tz}`)).days.map((day) => day.added);
  expect(await added("2027-03-27", "2027-03-29", "Europe/Berlin")).toEqual([1, 2, 1]);
  expect(await added("2027-04-03", "2027-04-05", "Australia/Lord_Howe")).toEqual([1, 2, 1]);
  expect(await added("2027-10-30", "2027-11-01", "Europe/Berlin")).toEqual([1, 2, 1]);
});

test("a project in the trash has no scope, for its owners too, and comes back with all of it", async () => {
  const { ada: as } = team;
  team.setClock("2027-11-01T12:00:00.000Z");
  const { id } = await team.project();
  const done = await team.task(as, { project_id: id, status: "in_progress", assignee_ids: [as.user_id] });
  await team.task(as, { project_id: id, due_at: "2027-11-01T00:00:00Z", assignee_ids: [as.user_id] });
  const gone = await team.task(as, { project_id: id });
  await team.ask("DELETE", `/tasks/${gone.id}`, { as });
  await team.ask("PATCH", `/tasks/${done.id}/complete`, { as });
  team.setClock("2027-11-02T12:00:00.000Z");
  await team.ask("DELETE", `/projects/${id}`, { as });
  const owner = await team.ask<Burndown>("GET", `/projects/${id}/reports/burndown?from=2027-11-02`, { as });
  expect([owner.status, owner.body.days[0]?.scope]).toEqual([200, 0]);
  team.setClock("2027-11-03T12:00:00.000Z");
  await team.ask("POST", `/projects/${id}/restore`, { as });
  const days = "from=2027-11-01&to=2027-11-03";
  expect((await read<Burndown>(id, `burndown?${days}`)).days).toMatchObject([
    { scope: 2, done: 1, remaining: 1, added: 3, removed: 1 },
    { scope: 0, done: 0, remaining: 0, added: 0, removed: 2 },
    { scope: 2, done: 1, remaining: 1, added: 2, removed: 0 },
  ]);
  expect(await finished(id, days)).toEqual([1, 0, 0]);
  const flow = await read<CumulativeFlow>(id, `cumulative-flow?${days}`);
  expect(flow.days.map(({ arrivals, departures }) => [arrivals, departures])).toEqual([
    [3, 2],
    [3, 3],
    [4, 3],
  ]);
  const open = async (to: string) => (await read<Workload>(id, `workload?to=${to}`)).assignees.map((one) => one.open);
  expect([await open("2027-11-01"), await open("2027-11-02"), await open("2027-11-03")]).toEqual([[1], [], [1]]);
  const late = async (to: string) => (await read<Overdue>(id, `overdue?to=${to}`)).overdue;
  expect([await late("2027-11-01"), await late("2027-11-02"), await late("2027-11-03")]).toEqual([1, 0, 1]);
});

test("completed, reopened and completed again within a day is finished once; on the next day it is not", async () => {
  const { ada: as } = team;
  team.setClock("2027-11-10T08:00:00.000Z");
  const { id } = await team.project();
  const task = await team.task(as, { project_id: id, status: "completed" });
  await team.ask("POST", `/tasks/${task.id}/reopen`, { as });
  expect((await read<Throughput>(id, "throughput?from=2027-11-10")).finished).toBe(0);
  await team.ask("PATCH", `/tasks/${task.id}/complete`, { as });
  team.setClock("2027-11-11T08:00:00.000Z");
  await team.ask("POST", `/tasks/${task.id}/reopen`, { as });
  expect(await finished(id, "from=2027-11-10&to=2027-11-11")).toEqual([1, 0]);
});

test("an open task is overdue from its due time on, and not at it", async () => {
  team.setClock("2027-11-20T09:00:00.000Z");
  const { id } = await team.project();
  await team.task(team.ada, { project_id: id, due_at: "2027-11-20T12:00:00Z" });
  const at = async (time: string) => {
    team.setClock(time);
    return (await read<Overdue>(id, "overdue")).overdue;
  };
  expect([await at("2027-11-20T12:00:00.000Z"), await at("2027-11-20T12:00:00.001Z")]).toEqual([0, 1]);
});

test("days are those of the project's zone, and the ideal line follows its working days", async () => {
  team.setClock("2027-12-01T12:00:00.000Z");
  const { id } = await team.project();
  await team.ask("PATCH", `/projects/${id}`, {
    as: team.ada,
    body: { timezone: "Pacific/Auckland", working_days: [5, 6] },
  });
  for (let n = 0; n < 4; n++) await team.task(team.ada, { project_id: id });
  const { tz, days } = await read<Burndown>(id, "burndown?from=2027-12-01&to=2027-12-05");
  // Wednesday noon in UTC is Thursday in Auckland: the first day has nothing, and so there is nothing to go.
  expect([tz, days.map(({ scope, ideal }) => [scope, ideal])]).toEqual([
    "Pacific/Auckland",
    [
      [0, 0],
      [4, 0],
      [null, 0],
      [null, 0],
      [null, 0],
    ],
  ]);
  const later = await read<Burndown>(id, "burndown?from=2027-12-02&to=2027-12-05");
  expect(later.days.map(({ ideal }) => ideal)).toEqual([4, 2, 0, 0]);
});

test("a task that is moved leaves one project and comes into the other on that day; earlier days stay", async () => {
  const { ada: as, grace } = team;
  team.setClock("2027-12-10T12:00:00.000Z");
  const [one, other] = [await team.project("One"), await team.project("Other")];
  const task = await team.task(as, { project_id: one.id, status: "in_progress", assignee_ids: [grace.user_id] });
  await team.ask("PATCH", `/tasks/${task.id}/complete`, { as });
  team.setClock("2027-12-11T12:00:00.000Z");
  expect((await team.ask("PATCH", `/tasks/${task.id}`, { as, body: { project_id: other.id } })).status).toBe(200);
  const days = "from=2027-12-10&to=2027-12-11";
  const numbers = async (id: string) =>
    (await read<Burndown>(id, `burndown?${days}`)).days.map(({ scope, added, removed }) => [scope, added, removed]);
  expect([await numbers(one.id), await numbers(other.id)]).toEqual([
    [
      [1, 1, 0],
      [0, 0, 1],
    ],
    [
      [0, 0, 0],
      [1, 1, 0],
    ],
  ]);
  expect([await finished(one.id, days), await finished(other.id, days)]).toEqual([
    [1, 0],
    [0, 0],
  ]);
  const cycle = async (id: string) => (await read<Summary>(id, `summary?${days}`)).finished;
  expect([await cycle(one.id), await cycle(other.id)]).toEqual([0, 1]);
});

test("counts what is logged on open tasks, in full for each of their assignees", async () => {
  const { ada, grace } = team;
  const { id } = await team.project();
  const assignee_ids = [ada.user_id, grace.user_id];
  const task = await team.task(ada, { project_id: id, assignee_ids, estimate_minutes: 100 });
  const path = `/tasks/${task.id}/worklogs`;
  const { body } = await team.ask<{ id: string }>("POST", path, { as: grace, body: { minutes: 40 } });
  await team.ask("POST", path, { as: ada, body: { minutes: 5 } });
  await team.ask("PATCH", `${path}/${body.id}`, { as: grace, body: { minutes: 50 } });
  const load = { open: 1, estimate_minutes: 100, logged_minutes: 55 };
  expect((await read<Workload>(id, "workload")).assignees).toEqual(
    assignee_ids.map((user_id) => ({ user_id, ...load })),
  );
  await team.ask("DELETE", `${path}/${body.id}`, { as: grace });
  expect((await read<Workload>(id, "workload")).assignees[0]?.logged_minutes).toBe(5);
});

/** What every event of a task says besides. */
const aTask = { key: null, title: "A task", version: 1 };

describe("the projection", () => {
  test("made again from the journal is the same", async () => {
    await keepReports(team.db);
    const kept = await tables();
    expect(kept.every((rows) => rows.length > 0)).toBe(true);
    await rebuildReports(team.db);
    expect(await tables()).toEqual(kept);
  });

  test("is kept once, however many keep it at the same time", async () => {
    const { id } = await team.project();
    for (let n = 0; n < 5; n++) await team.task(team.ada, { project_id: id });
    // As other processes would, which take no turns with this one.
    const other = () => ({
      ...team.db,
      turns: { taken: () => false, take: <T>(_: string, work: () => Promise<T>) => work() },
    });
    await Promise.all(Array.from({ length: 4 }, () => keepReports(other())));
    const kept = await tables();
    await rebuildReports(team.db);
    expect(await tables()).toEqual(kept);
  });

  test("that another process moved meanwhile is read again; another failure is thrown", async () => {
    await team.project();
    let moved = 0;
    const db = intercepted(team.db, {
      write: async (statements) => {
        if (moved++ === 0) await keepReports({ ...team.db, turns: { taken: () => false, take: (_, work) => work() } });
        return statements;
      },
    });
    await keepReports(db);
    const [row] = await rowsOf<{ read: number; last: number }>(
      team.db,
      sql`select (select seq from report_cursor) as read, (select max(seq) from journal) as last`,
    );
    expect([moved > 0, row?.read]).toEqual([true, row?.last]);
    await team.project();
    const broken = { ...team.db, write: () => Promise.reject(new Error("broken")) };
    await expect(keepReports(broken)).rejects.toThrow("broken");
  });

  test("that is far behind makes a report unavailable for a while, and is kept meanwhile", async () => {
    await team.db.write(reportTables.map((table) => sql`delete from ${table}`));
    await expect(reportsReady(team.db, -1)).rejects.toMatchObject({
      code: "unavailable",
      headers: { "retry-after": "10" },
    });
    await reportsReady(team.db);
    expect(await reportsReady(team.db, -1)).toBeUndefined();
  });

  test("forgets tasks and projects that have gone for good; the past of a project keeps its tasks", async () => {
    const { ada: as } = team;
    const { id } = await team.project();
    const [gone] = [
      await team.task(as, { project_id: id }),
      await team.task(as, { project_id: id, due_at: "2026-01-01T00:00:00Z" }),
    ];
    const say = (event: string, type: string, entity: string, data: object) =>
      team.db.write([
        sql`insert into journal (event_id, type, aggregate_id, entity_id, time, data)
          values (${event}, ${type}, ${id}, ${entity}, ${new Date().toISOString()}, ${JSON.stringify(data)})`,
      ]);
    await team.ask("DELETE", `/tasks/${gone.id}`, { as });
    await say("purged-1", "task.purged", gone.id, { ...aTask, task_id: gone.id, project_id: id });
    expect(await read<Summary>(id, "summary")).toMatchObject({ scope: 1, added: 2, removed: 1 });
    expect(await team.db.query(sql`select 1 from report_tasks where row = ${beginningOf("task", gone.id)}`)).toEqual(
      [],
    );
    await say("purged-2", "project.purged", id, { project_id: id, name: "Gone", version: 2 });
    await keepReports(team.db);
    expect((await tables()).flat().filter((row) => String(row).includes(id))).toEqual([]);
  });

  test("knows nothing of a task whose creation is not in the journal", async () => {
    const { id } = await team.project();
    const data = JSON.stringify({
      ...aTask,
      task_id: "unheard",
      project_id: id,
      changes: [{ field: "status", from: "pending", to: "completed" }],
    });
    await team.db.write([
      sql`insert into journal (event_id, type, aggregate_id, entity_id, time, data)
        values ('unheard-1', 'task.completed', ${id}, 'unheard', '2026-11-28T00:00:00.000Z', ${data})`,
    ]);
    expect(await read<Summary>(id, "summary")).toMatchObject({ scope: 0, done: 0 });
  });
});
