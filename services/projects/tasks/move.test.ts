import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import type { Page } from "@stoa/http";
import type { Problem } from "@stoa/testing";
import { generateKeyBetween } from "fractional-indexing";
import { startTeam, type Team } from "../test/team.ts";
import { endRankOf, longestRank } from "./rank.ts";
import type { Task } from "./schema.ts";

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.close());

const move = <T = Task>(task: Task | undefined, body: object, match?: string) =>
  team.ask<T>("PATCH", `/tasks/${task?.id}/move`, {
    as: team.ada,
    body,
    ...(match ? { headers: { "if-match": match } } : {}),
  });

/** A project with tasks a, b, c … in this order, and the way to read the order. */
async function board(count: number) {
  const { id } = await team.project();
  const tasks: Task[] = [];
  for (let i = 0; i < count; i++)
    tasks.push(await team.task(team.ada, { project_id: id, title: String.fromCharCode(97 + i) }));
  const order = async () => {
    const { body } = await team.ask<Page<Task>>("GET", `/tasks?project_id=${id}&sort=rank&limit=100`, { as: team.ada });
    return body.items.map(({ title }) => title).join("");
  };
  return { id, tasks, order };
}

describe("PATCH /tasks/{id}/move", () => {
  test("right after one, right before one, between two, to the end", async () => {
    const { id, tasks, order } = await board(4);
    const [a, b, c, d] = tasks;
    await move(d, { after_id: a?.id });
    expect(await order()).toBe("adbc");
    await move(c, { before_id: a?.id });
    expect(await order()).toBe("cadb");
    await move(b, { after_id: a?.id, before_id: d?.id });
    expect(await order()).toBe("cabd");
    await move(c, {});
    expect(await order()).toBe("abdc");
    await move(a, { after_id: c?.id });
    expect(await order()).toBe("bdca");
    await team.task(team.ada, { project_id: id, title: "e" });
    expect(await order()).toBe("bdcae");
  });

  test("by PUT too, and null is no neighbour", async () => {
    const { tasks, order } = await board(3);
    const body = { before_id: tasks[0]?.id, after_id: null };
    expect((await team.ask("PUT", `/tasks/${tasks[2]?.id}/move`, { as: team.ada, body })).status).toBe(200);
    expect(await order()).toBe("cab");
  });

  test("says so, with the rank from and to; the version moves once", async () => {
    const { tasks } = await board(2);
    const { status, headers, body } = await move(tasks[1], { before_id: tasks[0]?.id });
    expect([status, headers.get("etag"), body.version]).toEqual([200, '"2"', 2]);
    const { type, data } = await team.lastEvent(body.id);
    expect([type, data["changes"]]).toEqual(["task.moved", [{ field: "rank", from: tasks[1]?.rank, to: body.rank }]]);
  });

  test("where it stands already changes nothing", async () => {
    const { tasks } = await board(3);
    for (const [task, to] of [
      [tasks[1], { after_id: tasks[0]?.id }],
      [tasks[1], { before_id: tasks[2]?.id }],
      [tasks[2], {}],
      [tasks[0], { before_id: tasks[1]?.id }],
    ] as const) {
      const { status, body } = await move(task, to);
      expect([status, body.version]).toEqual([200, 1]);
    }
  });

  test("into another status at once; into completed it is task.completed", async () => {
    const { tasks, order } = await board(3);
    const { body } = await move(tasks[0], { status: "in_progress", after_id: tasks[1]?.id });
    expect([body.status, body.started_at !== null, await order()]).toEqual(["in_progress", true, "bac"]);
    expect((await team.lastEvent(body.id)).type).toBe("task.moved");
    await move(tasks[0], { status: "completed" });
    expect((await team.lastEvent(body.id)).type).toBe("task.completed");
    expect(await order()).toBe("bca");
  });

  test("a personal task moves among its creator's own", async () => {
    const [first, second] = [await team.task(team.ada, { title: "1" }), await team.task(team.ada, { title: "2" })];
    const { body } = await move(second, { before_id: first.id });
    expect(body.rank < first.rank).toBe(true);
  });

  test("many into one gap at once each get a place of their own", async () => {
    const { tasks } = await board(12);
    const answers = await Promise.all(tasks.slice(2).map((task) => move(task, { after_id: tasks[0]?.id })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const ranks = answers.map(({ body }) => body.rank);
    expect(new Set(ranks).size).toBe(10);
    for (const rank of ranks) expect(rank > (tasks[0]?.rank ?? "") && rank < (tasks[1]?.rank ?? "")).toBe(true);
  });

  test("many to the end at once, and new tasks between them, each get a place of their own", async () => {
    const { id, tasks } = await board(8);
    const moved = tasks.map((task) => move(task, {}));
    const made = tasks.map(() =>
      team.ask<Task>("POST", "/tasks", { as: team.ada, body: { title: "new", project_id: id } }),
    );
    const answers = await Promise.all([...moved, ...made]);
    expect(answers.every(({ status }) => status < 300)).toBe(true);
    const { body } = await team.ask<Page<Task>>("GET", `/tasks?project_id=${id}&sort=rank&limit=100`, { as: team.ada });
    expect(new Set(body.items.map(({ rank }) => rank)).size).toBe(16);
  });

  test("a hundred moves into one gap leave the order whole", async () => {
    const { tasks, order } = await board(4);
    const [a, b, c] = tasks;
    for (let i = 0; i < 50; i++) {
      await move(b, { after_id: a?.id });
      await move(c, { after_id: a?.id });
    }
    expect(await order()).toBe("acbd");
  });

  test("422 for a neighbour elsewhere, unknown or itself, and for two that stand the other way round", async () => {
    const [one, other] = [await board(3), await board(1)];
    const [a, b, c] = one.tasks;
    for (const [body, path] of [
      [{ after_id: other.tasks[0]?.id }, "/after_id"],
      [{ before_id: newId() }, "/before_id"],
      [{ after_id: a?.id }, "/after_id"],
      [{ after_id: c?.id, before_id: b?.id }, "/before_id"],
      [{ status: "done" }, "/status"],
    ] as const) {
      const answer = await move<Problem>(a, body);
      expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([422, path]);
    }
  });

  test("412 with If-Match when it was moved since, not when something else changed", async () => {
    const { tasks } = await board(3);
    await team.ask("PATCH", `/tasks/${tasks[2]?.id}`, { as: team.ada, body: { title: "z" } });
    expect((await move(tasks[2], { before_id: tasks[0]?.id }, '"1"')).status).toBe(200);
    expect((await move(tasks[2], { after_id: tasks[0]?.id }, '"1"')).status).toBe(412);
  });

  test("401 and 403 for those who may not", async () => {
    const { tasks } = await board(1);
    const path = `/tasks/${tasks[0]?.id}/move`;
    expect(await team.statuses("PATCH", path, [null, team.linus, team.eve, team.root], {})).toEqual([
      401, 403, 403, 200,
    ]);
  });
});

test("places at the end are in the order of their numbers, in TypeScript as in SQL", async () => {
  const places = [1, 2, 61, 62, 63, 3843, 3844, 238_327, 238_328, 900_000_000];
  const ranks = places.map(endRankOf);
  expect(ranks).toEqual(ranks.toSorted());
  const { tasks } = await board(2);
  expect(tasks.map(({ rank }) => rank)).toEqual([endRankOf(1), endRankOf(2)]);
});

describe("keys of the order", () => {
  test("stay short, whatever is moved into one gap; spreading them is no change of anybody's", async () => {
    const { id, tasks, order } = await board(12);
    const [a, b] = tasks;
    const since = new Date().toISOString();
    let [longest, last] = [0, a];
    // Each right after the one before, and all before b: the gap that makes keys grow.
    for (let n = 0; n < 400; n++) {
      const task = tasks[2 + (n % 10)];
      const { status, body } = await move(task, { after_id: last?.id, before_id: b?.id });
      expect(status).toBe(200);
      longest = Math.max(longest, body.rank.length);
      last = task;
    }
    expect(longest).toBeLessThanOrEqual(longestRank);
    expect(await order()).toBe("acdefghijklb");
    const { version, updated_at, rank } = await team.read(b?.id ?? "");
    expect({ version, updated_at }).toEqual({ version: 1, updated_at: b?.updated_at ?? "" });
    expect(rank).not.toBe(b?.rank);
    const { body } = await team.ask<Page<Task>>("GET", `/tasks?project_id=${id}&updated_since=${since}`, {
      as: team.ada,
    });
    expect(body.items.map((task) => task.id)).toContain(b?.id ?? "");
    expect(await team.journal(b?.id ?? "")).toHaveLength(1);
    const made = await team.task(team.ada, { project_id: id, title: "z" });
    expect(made.rank > rank).toBe(true);
  });

  test.each([
    ["at the beginning", null, endRankOf(1), "bhacdefgi"],
    ["in the middle", endRankOf(4), endRankOf(5), "acdbhefgi"],
    ["before the last", endRankOf(8), endRankOf(9), "acdefgbhi"],
  ])("are spread %s of the order", async (_name, from, to, expected) => {
    const { tasks, order } = await board(9);
    const [, b, , , , , , h] = tasks;
    // As if b had been moved there after thousands of others.
    let low = generateKeyBetween(from, to);
    while (low.length < 70) low = generateKeyBetween(low, to);
    await team.db.write([sql`update tasks set rank = ${low} where id = ${b?.id ?? ""}`]);
    const { status, body } = await move(h, { after_id: b?.id });
    expect([status, body.rank.length <= longestRank, await order()]).toEqual([200, true, expected]);
  });

  test("a move takes the same few statements, whether it makes room first or not", async () => {
    const { id, tasks } = await board(8);
    const [a, , c, d] = tasks;
    const plain = await team.statementsOf(() => move(c, { after_id: a?.id }));
    let low = endRankOf(1);
    while (low.length < 70) low = generateKeyBetween(low, endRankOf(2));
    await team.db.write([sql`update tasks set rank = ${low} where id = ${a?.id ?? ""}`]);
    await team.task(team.ada, { project_id: id });
    const spreading = await team.statementsOf(() => move(d, { after_id: a?.id }));
    expect([plain.length, spreading.length]).toEqual([6, 13]);
  });
});
