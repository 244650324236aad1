import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import type { Page } from "@stoa/http";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import type { Task } from "./schema.ts";

let team: Team;
beforeAll(async () => {
  team = await startTeam();
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

describe("sort", () => {
  let query: string;
  beforeAll(async () => {
    const [a, b, c, d, e] = await tasks(
      { title: "a", priority: "urgent", due_at: "2026-12-03T00:00:00Z" },
      { title: "b", priority: "low" },
      { title: "c", priority: "high", due_at: "2026-12-01T00:00:00Z" },
      { title: "d", priority: "medium", due_at: "2026-12-02T00:00:00Z" },
      { title: "e", priority: "low" },
    );
    query = `project_id=${a?.project_id}&sort=`;
    await team.ask("PATCH", `/tasks/${e?.id}/move`, { as: team.ada, body: { before_id: b?.id } });
    team.setClock("2030-01-01T00:00:00Z");
    await team.ask("PATCH", `/tasks/${c?.id}`, { as: team.ada, body: { title: "c" } });
    await team.ask("PATCH", `/tasks/${d?.id}`, { as: team.ada, body: { estimate_minutes: 1 } });
    team.setClock(undefined);
  });

  test.each([
    ["created_at", "abcde"],
    ["-created_at", "edcba"],
    ["due_at", "cdabe"],
    ["-due_at", "adceb"],
    ["priority", "bedca"],
    ["-priority", "acdeb"],
    ["rank", "aebcd"],
    ["-rank", "dcbea"],
  ])("%s is %s, page by page too, nulls last", async (sort, expected) => {
    expect((await titles(query + sort)).join("")).toBe(expected);
    expect((await pages(query + sort)).map(({ title }) => title).join("")).toBe(expected);
  });

  test("updated_at follows changes, both ways", async () => {
    const up = (await pages(`${query}updated_at`)).map(({ title }) => title).join("");
    expect(up).toBe("abced");
    expect((await pages(`${query}-updated_at`)).map(({ title }) => title).join("")).toBe("decba");
  });
});

test.each(["created_at", "-created_at", "-priority"])(
  "a page in the order %s goes on where it was when the task that it ended with is gone",
  async (sort) => {
    const [first] = await tasks(...["a", "b", "c", "d", "e"].map((title) => ({ title })));
    const query = `project_id=${first?.project_id}&sort=${sort}&limit=2`;
    const { items, next_cursor } = await list(query);
    await team.db.write([sql`delete from tasks where id = ${items[1]?.id ?? ""}`]);
    expect(await titles(`${query}&limit=3&cursor=${next_cursor}`.replace("&limit=2", ""))).toEqual(
      sort === "created_at" ? ["c", "d", "e"] : ["c", "b", "a"],
    );
  },
);
