import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { rowsOf } from "@stoa/testing";
import type { Link } from "../links/schema.ts";
import type { Task } from "../tasks/schema.ts";
import { errors, idOf, importer, kept, newSource, outcomes } from "../test/importer.ts";
import { startTeam, type Team } from "../test/team.ts";
import type { DataSave } from "./schema.ts";

let team: Team;
let save: ReturnType<typeof importer>["save"];
let lastSeq: ReturnType<typeof importer>["lastSeq"];
let eventsSince: ReturnType<typeof importer>["eventsSince"];
beforeAll(async () => {
  team = await startTeam();
  ({ save, lastSeq, eventsSince } = importer(team));
});
afterAll(() => team.close());

const tasks = (...ids: string[]) => ids.map((external_id) => ({ external_id, project: "p", title: external_id }));
const projects = [{ external_id: "p", name: "Linked" }];
const blocks = (task: string, linked_task: string) => {
  return { external_id: `${task}>${linked_task}`, type: "blocks" as const, task, linked_task };
};
const linksOf = async (id: string) =>
  (await team.ask<{ items: Link[] }>("GET", `/tasks/${id}/links`, { as: team.ada })).body.items;
const taskOf = async (id: string) => (await team.ask<Task>("GET", `/tasks/${id}`, { as: team.ada })).body;

/** Three tasks, of which a blocks b and relates to c. */
async function linked() {
  const source = newSource();
  const payload: DataSave = {
    source,
    projects,
    tasks: tasks("a", "b", "c"),
    links: [blocks("a", "b"), { external_id: "r", type: "relates_to", task: "a", linked_task: "c" }],
  };
  const since = await lastSeq();
  const saved = await save(payload);
  const [a, b, c] = ["a", "b", "c"].map((id) => idOf(saved, "task", id)) as [string, string, string];
  return { source, payload, saved, since, a, b, c };
}

describe("links of a batch save", () => {
  test("are made after their tasks, with the events of links made by hand, and again change nothing", async () => {
    const { payload, saved, since, a, b } = await linked();
    expect(outcomes(saved)).toEqual(["p", "a", "b", "c", "a>b", "r"].map((id) => `${id} created`));
    const made = await linksOf(a);
    expect(Object.fromEntries(made.map(({ id, type }) => [type, id]))).toEqual({
      blocks: idOf(saved, "link", "a>b"),
      relates_to: idOf(saved, "link", "r"),
    });
    expect((await taskOf(b)).is_blocked).toBe(true);
    const events = await eventsSince(since);
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type === "link.created")).toHaveLength(4);
    expect(types.indexOf("task.blocked")).toBeGreaterThan(types.lastIndexOf("task.created"));
    const { key } = await taskOf(a);
    const first = events.find(({ type }) => type === "link.created");
    expect(JSON.parse(first?.data ?? "")).toMatchObject({ task_id: a, key, source: "import", from_task_id: a });
    const after = await lastSeq();
    expect((await save(payload)).totals).toEqual({ created: 0, updated: 0, unchanged: 6, failed: 0 });
    expect(await lastSeq()).toBe(after);
  });

  test("that people have taken off are not made again, but by overwriting", async () => {
    const { payload, a, b } = await linked();
    const [link] = (await linksOf(a)).filter(({ type }) => type === "blocks");
    expect((await team.ask("DELETE", `/tasks/${a}/links/${link?.id}`, { as: team.ada })).status).toBe(204);
    expect(kept(await save(payload))).toEqual({ "a>b": ["linked_task"] });
    expect((await taskOf(b)).is_blocked).toBe(false);
    const again = await save({ ...payload, overwrite: true });
    expect([outcomes(again)[4], (await taskOf(b)).is_blocked]).toEqual(["a>b updated", true]);
  });

  test("follow the source when it links other tasks", async () => {
    const { source, a, b, c } = await linked();
    const saved = await save({ source, links: [{ ...blocks("a", "b"), linked_task: "c" }] });
    expect(outcomes(saved)).toEqual(["a>b updated"]);
    expect([(await taskOf(b)).is_blocked, (await taskOf(c)).is_blocked]).toEqual([false, true]);
    expect((await linksOf(a)).map(({ type, linked_task_id }) => `${type} ${linked_task_id === c}`).toSorted()).toEqual([
      "blocks true",
      "relates_to true",
    ]);
  });

  test("close no ring, neither among themselves nor with what is here, and name it", async () => {
    const { source } = await linked();
    const links = [blocks("b", "c"), blocks("c", "a"), blocks("c", "c"), blocks("c", "nowhere")];
    const saved = await save({ source, links });
    expect(errors(saved)).toEqual([
      ["c>a", "link_cycle", undefined],
      ["c>c", "validation_failed", "/linked_task"],
      ["c>nowhere", "not_found", "/linked_task"],
    ]);
    expect(
      await rowsOf(
        team.db,
        sql`select 1 from links l join links r on r.task_id = l.linked_task_id
      and r.linked_task_id = l.task_id`,
      ),
    ).toEqual([]);
  });

  test("of two saves at once that close a ring together, one is refused", async () => {
    const { source } = await linked();
    const other = newSource();
    const { body: project } = await team.ask<{ id: string }>("POST", "/projects", {
      as: team.ada,
      body: { name: "Raced" },
    });
    const made = await Promise.all(["x", "y"].map((title) => team.task(team.ada, { project_id: project.id, title })));
    // The same two tasks under two sources: saves of one source take turns.
    const [x, y] = made.map(({ id }) => id) as [string, string];
    for (const [of, ids] of [
      [source, [x, y]],
      [other, [x, y]],
    ] as const) {
      for (const id of ids) {
        await rowsOf(
          team.db,
          sql`insert into imported (owner_id, source, kind, external_id, entity_id, last_values, imported_at)
            values (${team.ada.user_id}, ${of}, 'task', ${id}, ${id}, '{}', '') returning 1`,
        );
      }
    }
    const answers = await Promise.all([
      save({ source, links: [blocks(x, y)] }),
      save({ source: other, links: [blocks(y, x)] }),
    ]);
    const failed = answers.flatMap((answer) => errors(answer).map(([, code]) => code));
    expect(failed).toEqual(["link_cycle"]);
  });

  test("to a task that the asker cannot see are refused, and a viewer makes none", async () => {
    const { source, payload } = await linked();
    const mine = { source, tasks: [{ external_id: "own", title: "Grace's own" }] };
    await save(mine, team.grace);
    const own = await save({ ...mine, links: [blocks("own", "a")] }, team.grace);
    expect(errors(own)).toEqual([["own>a", "not_found", "/linked_task"]]);
    expect((await save(payload)).totals.failed).toBe(0);
  });
});
