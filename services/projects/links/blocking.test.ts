import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import type { Page } from "@stoa/http";
import { rowsOf } from "@stoa/testing";
import fc from "fast-check";
import type { Task } from "../tasks/schema.ts";
import { scopeOf } from "../tasks/scope.ts";
import { startTeam, type Team } from "../test/team.ts";
import type { Link } from "./schema.ts";

let team: Team;
let project_id: string;
beforeAll(async () => {
  team = await startTeam();
  project_id = (await team.project("Blocks")).id;
});
afterAll(() => team.close());

const make = (body: object = {}) => team.task(team.ada, { project_id, ...body });
const send = (method: string, path: string, body?: unknown) =>
  team.ask<Task & Link>(method, path, { as: team.ada, body });
const block = (from: string, to: string) => send("POST", `/tasks/${from}/links`, { type: "blocks", task_id: to });
const isBlocked = async (id: string) => (await team.read(id)).is_blocked;
/** What the journal says of `is_blocked`, and who is said to have caused it. */
const told = async (id: string) =>
  (await team.journal(id)).flatMap(({ type, actor_id }) => (/blocked/.test(type) ? [[type, actor_id]] : []));

describe("is_blocked", () => {
  test.each([
    ["completed", "PATCH", "/complete", undefined, "POST", "/reopen", undefined],
    ["cancelled", "PATCH", "", { status: "cancelled" }, "PATCH", "", { status: "in_progress" }],
    ["trashed", "DELETE", "", undefined, "POST", "/restore", undefined],
  ] as const)("goes when the blocker is %s and comes back with it, each time with an event", async (...step) => {
    const [, method, path, body, back, way, undo] = step;
    const [blocker, task] = [await make(), await make()];
    await block(blocker.id, task.id);
    expect(await isBlocked(task.id)).toBe(true);
    await send(method, `/tasks/${blocker.id}${path}`, body);
    expect(await isBlocked(task.id)).toBe(false);
    await send(back, `/tasks/${blocker.id}${way}`, undo);
    expect(await team.read(task.id)).toEqual({ ...task, is_blocked: true });
    const { user_id } = team.ada;
    expect(await told(task.id)).toEqual([
      ["task.blocked", user_id],
      ["task.unblocked", user_id],
      ["task.blocked", user_id],
    ]);
    expect(await team.lastEvent(task.id)).toMatchObject({
      data: { task_id: task.id, project_id, key: task.key, title: task.title, version: 1 },
    });
    expect((await team.lastEvent(task.id)).data["changes"]).toEqual([{ field: "is_blocked", from: false, to: true }]);
  });

  test("stays while one of several blockers is open; a closed one never blocks", async () => {
    const [one, two, task] = [await make(), await make(), await make()];
    for (const { id } of [one, two]) await block(id, task.id);
    await send("PATCH", `/tasks/${one.id}/complete`);
    expect(await isBlocked(task.id)).toBe(true);
    await send("PATCH", `/tasks/${two.id}`, { status: "cancelled" });
    expect(await isBlocked(task.id)).toBe(false);
    const [late, done] = [await make(), await make({ status: "completed" })];
    await block(done.id, late.id);
    expect(await isBlocked(late.id)).toBe(false);
    await send("PATCH", `/tasks/${done.id}`, { status: "pending" });
    expect(await isBlocked(late.id)).toBe(true);
  });

  test("follows the link: gone with it, and only blocks counts, in its direction", async () => {
    const [blocker, task] = [await make(), await make()];
    const { body } = await block(blocker.id, task.id);
    await send("POST", `/tasks/${blocker.id}/links`, { type: "relates_to", task_id: task.id });
    expect([await isBlocked(blocker.id), await isBlocked(task.id)]).toEqual([false, true]);
    await send("DELETE", `/tasks/${task.id}/links/${body.id}`);
    expect(await isBlocked(task.id)).toBe(false);
  });

  test("follows a project into the trash and back", async () => {
    const other = await team.project("Away");
    const blocker = await team.task(team.ada, { project_id: other.id });
    const task = await make();
    await block(blocker.id, task.id);
    await send("DELETE", `/projects/${other.id}`);
    expect(await isBlocked(task.id)).toBe(false);
    await send("POST", `/projects/${other.id}/restore`);
    expect(await isBlocked(task.id)).toBe(true);
  });

  test("is right again after a blocker is purged for good", async () => {
    const [blocker, task] = [await make(), await make()];
    await block(blocker.id, task.id);
    await team.db.write([sql`delete from tasks where id = ${blocker.id}`]);
    expect(await isBlocked(task.id)).toBe(false);
    expect((await send("GET", `/tasks/${task.id}/links`)).body).toMatchObject({ items: [] });
  });

  test("filters lists, by an index; links to what is in the trash are not listed", async () => {
    const { id } = await team.project("Filter");
    const [blocker, blocked, free] = await Promise.all(
      ["Blocker", "Blocked", "Free"].map((title) => team.task(team.ada, { project_id: id, title })),
    );
    await block(blocker?.id ?? "", blocked?.id ?? "");
    const titles = async (query: string) => {
      const { body } = await team.ask<Page<Task>>("GET", `/tasks?project_id=${id}&${query}`, { as: team.linus });
      return body.items.map(({ title }) => title).toSorted();
    };
    expect(await titles("is_blocked=true")).toEqual(["Blocked"]);
    expect(await titles("is_blocked=false")).toEqual(["Blocker", "Free"]);
    expect((await team.ask("GET", "/tasks?is_blocked=maybe", { as: team.ada })).status).toBe(422);
    const plan = await rowsOf<{ detail: string }>(
      team.db,
      sql`explain query plan select id from tasks t where t.scope = ${scopeOf(id)} and t.is_blocked = 1 order by t.id desc`,
    );
    expect(plan.map(({ detail }) => detail).join()).toContain("tasks_is_blocked");
    await send("DELETE", `/tasks/${blocker?.id}`);
    expect(await titles("is_blocked=true")).toEqual([]);
    for (const one of [blocked, free]) {
      expect((await send("GET", `/tasks/${one?.id}/links`)).body).toMatchObject({ items: [] });
    }
  });
});

test("a client that asks what has changed since gets a task that is blocked or worked on, though nobody edited it", async () => {
  const { id } = await team.project("Since");
  const [blocker, task] = [
    await team.task(team.ada, { project_id: id }),
    await team.task(team.ada, { project_id: id }),
  ];
  const since = async (time: string) => {
    const { body } = await team.ask<Page<Task>>("GET", `/tasks?project_id=${id}&updated_since=${time}`, {
      as: team.linus,
    });
    return body.items.map((one) => one.id);
  };
  const later = new Date(Date.parse(blocker.created_at) + 60_000).toISOString();
  expect(await since(later)).toEqual([]);
  team.setClock(later);
  await send("POST", `/tasks/${blocker.id}/worklogs`, { minutes: 5 });
  team.setClock(undefined);
  expect(await since(later)).toEqual([blocker.id]);
  await team.db.write([sql`update tasks set updated_at = '2020-01-01T00:00:00.000Z' where project_id = ${id}`]);
  const before = new Date().toISOString();
  expect(await since(before)).toEqual([blocker.id]);
  await block(blocker.id, task.id);
  expect(await since(before)).toContain(task.id);
  expect(await team.read(task.id)).toMatchObject({ version: 1, is_blocked: true });
});

describe("a ring of blocks", () => {
  test("is 409 link_cycle, however long, also through the trash and by way of closed tasks", async () => {
    const chain = await Promise.all(Array.from({ length: 6 }, () => make()));
    for (let i = 1; i < chain.length; i++) await block(chain[i - 1]?.id ?? "", chain[i]?.id ?? "");
    const [first, second, third] = chain;
    await send("DELETE", `/tasks/${second?.id}`);
    await send("PATCH", `/tasks/${third?.id}/complete`);
    const { status, body } = await team.ask("POST", `/tasks/${chain.at(-1)?.id}/links`, {
      as: team.ada,
      body: { type: "blocks", task_id: first?.id },
    });
    expect([status, body.error_code]).toEqual([409, "link_cycle"]);
    expect((await block(first?.id ?? "", chain.at(-1)?.id ?? "")).status).toBe(201);
  });

  test("is not made by two halves that arrive at once", async () => {
    for (let round = 0; round < 5; round++) {
      const [a, b, c] = [await make(), await make(), await make()];
      await block(a.id, b.id);
      const answers = await Promise.all([block(b.id, c.id), block(c.id, a.id)]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    }
  });
});

/** What happens to tasks, by their numbers. */
type Step =
  | { readonly kind: "block"; readonly from: number; readonly to: number }
  | { readonly kind: "unblock"; readonly which: number }
  | { readonly kind: "status"; readonly task: number; readonly status: string }
  | { readonly kind: "trash" | "restore"; readonly task: number };

test("whatever happens, and whatever happens at once: no ring, and is_blocked is what the open blockers say", async () => {
  const task = fc.nat({ max: 4 });
  const status = fc.constantFrom("pending", "in_progress", "completed", "cancelled");
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("block" as const), from: task, to: task }) },
    fc.record({ kind: fc.constant("unblock" as const), which: fc.nat({ max: 20 }) }),
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("status" as const), task, status }) },
    fc.record({ kind: fc.constantFrom("trash" as const, "restore" as const), task }),
  );
  const crowds = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(crowds, async (rounds) => {
      const tasks = await Promise.all(Array.from({ length: 5 }, () => make()));
      const links: Link[] = [];
      const id = (index: number) => tasks[index]?.id ?? "";
      const take = async (one: Step) => {
        if (one.kind === "block") return block(id(one.from), id(one.to));
        if (one.kind === "status") return send("PATCH", `/tasks/${id(one.task)}`, { status: one.status });
        if (one.kind === "unblock") {
          const link = links[one.which % Math.max(links.length, 1)];
          return send("DELETE", `/tasks/${link?.task_id ?? "none"}/links/${link?.id ?? "none"}`);
        }
        return one.kind === "trash"
          ? send("DELETE", `/tasks/${id(one.task)}`)
          : send("POST", `/tasks/${id(one.task)}/restore`);
      };
      for (const steps of rounds) {
        const answers = await Promise.all(steps.map(take));
        expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
        for (const { status, body } of answers) if (status === 201) links.push(body);
      }
      const among = sql`(select value from json_each(${JSON.stringify(tasks.map((one) => one.id))}))`;
      const faults = await rowsOf(
        team.db,
        sql`select t.id from tasks t where t.id in ${among} and t.is_blocked <> exists (
            select 1 from links l join tasks b on b.id = l.task_id where l.linked_task_id = t.id and l.type = 'blocks'
              and b.deleted_at is null and b.status not in ('completed', 'cancelled'))
          union all
          select ring.id from (
            with recursive behind (start, id) as (
              select task_id, linked_task_id from links where type = 'blocks' and task_id in ${among}
              union select behind.start, links.linked_task_id from behind join links on links.task_id = behind.id and type = 'blocks')
            select id from behind where start = id) ring`,
      );
      expect(faults).toEqual([]);
    }),
    { numRuns: 25 },
  );
}, 60_000);
