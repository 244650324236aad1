import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId, raw } from "@stoa/db";
import type { Page } from "@stoa/http";
import { intercepted, type Problem, rowsOf } from "@stoa/testing";
import type { Project } from "../projects/schema.ts";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import { listTasks } from "./list.ts";
import type { Task, TasksQuery } from "./schema.ts";

let team: Team;
let project: Project;
beforeAll(async () => {
  team = await startTeam();
  project = await team.project("List");
});
afterAll(() => team.close());

const list = async (query: string, as: Person = team.ada) =>
  (await team.ask<Page<Task>>("GET", `/tasks?${query}`, { as })).body;
const titles = async (query: string, as: Person = team.ada) => (await list(query, as)).items.map(({ title }) => title);

/** A project with these tasks, in this order. */
async function tasks(...bodies: object[]): Promise<Task[]> {
  const { id } = await team.project();
  const made: Task[] = [];
  for (const body of bodies) made.push(await team.task(team.ada, { project_id: id, ...body }));
  return made;
}

/** All pages of a list, three at a time. */
async function pages(query: string, as: Person = team.ada): Promise<Task[]> {
  const found: Task[] = [];
  for (let cursor = ""; ; ) {
    const page = await list(`${query}&limit=3${cursor}`, as);
    found.push(...page.items);
    if (page.next_cursor === null) return found;
    cursor = `&cursor=${page.next_cursor}`;
  }
}

describe("GET /tasks", () => {
  test("shows a project's newest tasks first, page by page, nothing twice and nothing missing", async () => {
    const made = await tasks(...Array.from({ length: 7 }, (_, i) => ({ title: `${i}` })));
    const found = await pages(`project_id=${made[0]?.project_id}`);
    expect(found).toEqual(made.toReversed());
  });

  test("shows the tasks of several projects as one list, in any sort, page by page", async () => {
    const { ada, root, eve } = team;
    const [one, other] = [await team.project("One"), await team.project("Other")];
    const made: Task[] = [];
    for (let i = 0; i < 4; i++) {
      for (const { id } of [one, other]) made.push(await team.task(ada, { title: `${i}`, project_id: id }));
    }
    await tasks({ title: "elsewhere" });
    const ids = (found: readonly Task[]) => found.map(({ id }) => id);
    const query = `project_id=${one.id},${other.id},${newId()}`;
    for (const as of [ada, root]) {
      expect(ids(await pages(query, as))).toEqual(ids(made.toReversed()));
      expect(ids(await pages(`${query}&sort=created_at`, as))).toEqual(ids(made));
      for (const sort of ["-updated_at", "rank", "q"]) {
        const asked = sort === "q" ? `${query}&q=3` : `${query}&sort=${sort}`;
        const expected = ids(made).filter((_, i) => sort !== "q" || i >= 6);
        expect([sort, ids(await pages(asked, as)).sort()]).toEqual([sort, expected.sort()]);
      }
      expect((await list(`${query}&count=true&limit=1`, as)).total).toBe(8);
      expect(await titles(`${query}&deleted=true`, as)).toEqual([]);
    }
    expect(await titles(query, eve)).toEqual([]);
    const { next_cursor } = await list(`${query}&limit=3`);
    for (const fewer of [one.id, `${one.id},${other.id}`]) {
      const { status, body } = await team.ask<Problem>("GET", `/tasks?project_id=${fewer}&cursor=${next_cursor}`, {
        as: ada,
      });
      expect([status, body.error_code]).toEqual([422, "invalid_cursor"]);
    }
  });

  test("skips, counts and limits", async () => {
    const [first] = await tasks({ title: "a" }, { title: "b" }, { title: "c" });
    const page = await list(`project_id=${first?.project_id}&skip=1&limit=1&count=true`);
    expect([page.items.map(({ title }) => title), page.total]).toEqual([["b"], 3]);
    expect((await list(`project_id=${first?.project_id}&limit=2&count=false`)).total).toBeUndefined();
  });

  test("without a project shows what one sees: tasks of one's projects and one's own, nobody else's", async () => {
    const sam = await team.person("sam");
    await team.ask("POST", `/projects/${project.id}/users`, {
      as: team.ada,
      body: { username: "sam", role: "viewer" },
    });
    await team.task(team.ada, { title: "Shared", project_id: project.id });
    await team.task(team.ada, { title: "Ada's own" });
    await team.task(sam, { title: "Sam's own" });
    await tasks({ title: "Elsewhere" });
    expect(await titles("", sam)).toEqual(["Sam's own", "Shared"]);
    expect(await titles("limit=100", team.root)).toEqual(
      expect.arrayContaining(["Ada's own", "Elsewhere", "Sam's own"]),
    );
  });

  test("pages through all that one sees in the order in which it was made, both ways, over any number of projects", async () => {
    const kim = await team.person("kim");
    const made: Task[] = [];
    for (let i = 0; i < 3; i++) {
      const { id } = await team.project();
      await team.ask("POST", `/projects/${id}/users`, { as: team.ada, body: { username: "kim", role: "viewer" } });
      for (let j = 0; j < 4; j++) made.push(await team.task(team.ada, { project_id: id }));
      made.push(await team.task(kim, {}));
    }
    await team.ask("DELETE", `/tasks/${made[1]?.id}`, { as: team.ada });
    const expected = made.filter((_, index) => index !== 1).map(({ id }) => id);
    expect((await pages("sort=created_at", kim)).map(({ id }) => id)).toEqual(expected);
    expect((await pages("", kim)).map(({ id }) => id)).toEqual(expected.toReversed());
    const page = await list("skip=5&limit=3&count=true", kim);
    expect([page.items.map(({ id }) => id), page.total]).toEqual([expected.toReversed().slice(5, 8), 14]);
  });

  test("of a project that one does not see, or that is unknown, there is nothing", async () => {
    await team.task(team.ada, { project_id: project.id });
    expect(await titles(`project_id=${project.id}`, team.eve)).toEqual([]);
    expect(await titles(`project_id=${project.id}&status=pending`, team.eve)).toEqual([]);
    expect(await titles(`project_id=${newId()}`)).toEqual([]);
    expect(await titles(`project_id=${project.id}`, team.root)).not.toEqual([]);
  });

  test("asks the database once for a project's newest, and once for any other page", async () => {
    for (const query of [`project_id=${project.id}&limit=20`, "status=pending&sort=due_at"]) {
      expect(await team.statementsOf(() => list(query))).toHaveLength(1);
    }
  });

  test("counts to 10,000, and says when there are more; so does a search", async () => {
    const { id } = await team.project();
    await team.task(team.ada, { title: "Oyster", project_id: id });
    const names = (await rowsOf<{ name: string }>(team.db, raw("select name from pragma_table_info('tasks')")))
      .map(({ name }) => name)
      .filter((name) => !["row", "id", "number", "key"].includes(name))
      .join(", ");
    await team.db.write([
      raw("update tasks set folded = '' where title = 'Oyster'"),
      raw(`with recursive n (n) as (select 2 union all select n + 1 from n where n < 10000)
        insert into tasks (id, number, key, ${names})
        select lower(hex(randomblob(16))), n + 1000, 'MANY-' || n, ${names} from n, tasks where title = 'Oyster'`),
    ]);
    const totalOf = async (query: string) => {
      const { total, total_is_exact } = await list(`project_id=${id}&limit=1&count=true${query}`);
      return [total, total_is_exact];
    };
    for (const query of ["", "&status=pending", "&q=oyster", "&q=o"]) {
      expect([query, ...(await totalOf(query))]).toEqual([query, 10_000, undefined]);
    }
    await team.task(team.ada, { title: "Oyster", project_id: id });
    for (const query of ["", "&status=pending", "&q=oyster", "&q=o"]) {
      expect([query, ...(await totalOf(query))]).toEqual([query, 10_000, false]);
    }
  });

  test("reads on the event loop what an index has in its order, and everything else off it", async () => {
    const scanned: boolean[] = [];
    const deps = { ...team.deps, db: intercepted(team.deps.db, { scan: () => void scanned.push(true) }) };
    const scans = async (query: TasksQuery) => {
      scanned.length = 0;
      await listTasks(deps, team.ada.actor, query);
      return scanned.length;
    };
    const project_id = [project.id];
    const several = [project.id, (await team.project("Besides")).id];
    for (const query of [
      {},
      { sort: "created_at" },
      { project_id, sort: "-due_at" },
      { project_id, limit: 3 },
      { project_id: several },
    ] satisfies TasksQuery[]) {
      expect([query, await scans(query)]).toEqual([query, 0]);
    }
    for (const query of [
      { sort: "due_at" },
      { status: ["pending"] },
      { project_id: several, sort: "due_at" },
      { project_id, label: ["x"] },
      { project_id, count: true },
      { q: "oyster", sort: "rank" },
    ] satisfies TasksQuery[]) {
      expect([query, await scans(query)]).toEqual([query, 1]);
    }
  });

  test("401 without a token; 422 for what no list takes", async () => {
    expect(await team.statuses("GET", "/tasks", [null])).toEqual([401]);
    for (const query of [
      "limit=0",
      "limit=101",
      "skip=-1",
      "skip=10001",
      "status=done",
      "priority=top",
      "sort=title",
      "project_id=x",
      "due_before=tomorrow",
      "overdue=maybe",
      "colour=red",
      "q=",
      "status=pending&status=completed",
    ]) {
      expect([query, ...(await team.statuses("GET", `/tasks?${query}`, [team.ada]))]).toEqual([query, 422]);
    }
  });

  test("422 invalid_cursor for one of another filter, sort or user, and for a forged one", async () => {
    await tasks({}, {});
    const { next_cursor } = await list("limit=1");
    const refused = async (query: string, as = team.ada) =>
      (await team.ask("GET", `/tasks?${query}`, { as })).body.error_code;
    expect(await refused(`cursor=${next_cursor}&status=pending`)).toBe("invalid_cursor");
    expect(await refused(`cursor=${next_cursor}&sort=due_at`)).toBe("invalid_cursor");
    expect(await refused(`cursor=${next_cursor}`, team.grace)).toBe("invalid_cursor");
    expect(await refused(`cursor=x${next_cursor}`)).toBe("invalid_cursor");
  });
});
