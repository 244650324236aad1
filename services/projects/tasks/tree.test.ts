import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import type { Page } from "@stoa/http";
import { type Problem, rowsOf } from "@stoa/testing";
import fc from "fast-check";
import { startTeam, type Team } from "../test/team.ts";
import type { Task } from "./schema.ts";

let team: Team;
let project_id: string;
beforeAll(async () => {
  team = await startTeam();
  project_id = (await team.project("Tree")).id;
});
afterAll(() => team.close());

type Answered = Task & Pick<Problem, "errors">;
const create = (parent_id?: string) =>
  team.ask<Answered>("POST", "/tasks", {
    as: team.ada,
    body: { title: "A task", project_id, ...(parent_id === undefined ? {} : { parent_id }) },
  });
const put = (id: string, parent_id: string | null) =>
  team.ask<Answered>("PATCH", `/tasks/${id}`, { as: team.ada, body: { parent_id } });

/** A line of tasks, each below the one before. */
async function line(length: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < length) ids.push((await create(ids.at(-1))).body.id);
  return ids;
}

const refusal = ({ status, body }: { status: number; body: Pick<Problem, "errors"> }) => [status, body.errors];
const tooDeep = [422, [{ path: "/parent_id", message: "Tasks go 5 levels deep; one without a parent is the first." }]];

describe("a tree of tasks", () => {
  test("is 5 levels deep at most: 422 that names parent_id, for a new task and for one that is there", async () => {
    const ids = await line(5);
    const last = ids.at(-1) ?? "";
    expect(refusal(await create(last))).toEqual(tooDeep);
    const [single] = await line(1);
    expect(refusal(await put(single ?? "", last))).toEqual(tooDeep);
    expect((await put(single ?? "", ids[3] ?? "")).status).toBe(200);
  });

  test("counts what hangs below a task that is moved, in the trash too", async () => {
    const [top, second, third] = await line(3);
    const [a, b, c] = await line(3);
    expect(refusal(await put(a ?? "", third ?? ""))).toEqual(tooDeep);
    expect((await put(a ?? "", second ?? "")).status).toBe(200);
    expect((await put(a ?? "", null)).status).toBe(200);
    await team.ask("DELETE", `/tasks/${c}`, { as: team.ada });
    expect(refusal(await put(a ?? "", third ?? ""))).toEqual(tooDeep);
    expect((await put(b ?? "", third ?? "")).status).toBe(200);
    expect((await put(top ?? "", b ?? "")).status).toBe(422);
  });

  test("of two tasks put below each other's trees at once one goes through, so that none is too deep", async () => {
    for (let round = 0; round < 5; round++) {
      const [upper, middle, lower] = [await line(2), await line(2), await line(2)];
      // Each alone makes four levels, both together six.
      const answers = await Promise.all([put(middle[0] ?? "", upper[1] ?? ""), put(lower[0] ?? "", middle[1] ?? "")]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 422]);
    }
  });

  test("leaves the tasks below open when one is completed", async () => {
    const [top, below] = await line(2);
    await team.ask("PATCH", `/tasks/${top}/complete`, { as: team.ada });
    expect(await team.read(below ?? "")).toMatchObject({ status: "pending", parent_id: top, version: 1 });
    expect(await team.journal(below ?? "")).toHaveLength(1);
  });

  test("lists a subtask once, also when its parent does not match", async () => {
    const { id } = await team.project("Once");
    const top = await team.task(team.ada, { project_id: id, title: "Top", labels: ["x"] });
    await team.task(team.ada, {
      project_id: id,
      title: "Below",
      parent_id: top.id,
      labels: ["y", "z"],
      status: "in_review",
    });
    const titles = async (query: string) => {
      const { body } = await team.ask<Page<Task>>("GET", `/tasks?project_id=${id}${query}`, { as: team.linus });
      return body.items.map(({ title }) => title);
    };
    expect(await titles("")).toEqual(["Below", "Top"]);
    for (const query of ["&status=in_review", "&label=y", `&parent_id=${top.id}`, "&q=elo"]) {
      expect(await titles(query)).toEqual(["Below"]);
    }
  });
});

test("whatever is put below whatever, at once: no ring, and five levels at most", async () => {
  const move = fc.record({ task: fc.nat({ max: 7 }), to: fc.option(fc.nat({ max: 7 })) });
  const crowds = fc.array(fc.array(move, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(crowds, async (rounds) => {
      const ids = await Promise.all(Array.from({ length: 8 }, async () => (await create()).body.id));
      for (const moves of rounds) {
        const answers = await Promise.all(
          moves.map(({ task, to }) => put(ids[task] ?? "", to === null ? null : (ids[to] ?? ""))),
        );
        expect(answers.filter(({ status }) => status !== 200 && status !== 422)).toEqual([]);
      }
      const [levels] = await rowsOf<{ reached: number; deepest: number }>(
        team.db,
        sql`with recursive tree (id, level) as (
            select id, 1 from tasks where parent_id is null and id in (select value from json_each(${JSON.stringify(ids)}))
            union all select t.id, level + 1 from tasks t join tree on t.parent_id = tree.id)
          select count(*) as reached, max(level) as deepest from tree`,
      );
      // A ring is reached from no task without a parent.
      expect(levels?.reached).toBe(8);
      expect(levels?.deepest).toBeLessThanOrEqual(5);
    }),
    { numRuns: 25 },
  );
}, 60_000);
