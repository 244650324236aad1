import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { raw, sql } from "@stoa/db";
import { indexMissing } from "@stoa/db/search/index";
import { requireIntact } from "@stoa/db/search/test/intact";
import type { Page } from "@stoa/http";
import { rowsOf } from "@stoa/testing";
import type { Project } from "../projects/schema.ts";
import { compareSearch } from "../test/compare-search.ts";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import type { Task } from "./schema.ts";
import { foldedTask, searchedTasks } from "./searched.ts";

let team: Team;
let project: Project;
beforeAll(async () => {
  team = await startTeam();
  project = await team.project("Search");
});
afterAll(() => team.close());

const search = async (q: string, query = "", as: Person = team.ada) =>
  (await team.ask<Page<Task>>("GET", `/tasks?q=${encodeURIComponent(q)}${query}`, { as })).body;

const titles = async (q: string, query = "", as: Person = team.ada) =>
  (await search(q, query, as)).items.map(({ title }) => title);

const make = (title: string, more: object = {}, as = team.ada) =>
  team.task(as, { title, project_id: project.id, ...more });

/** All pages, a few tasks at a time. */
async function pages(q: string, query = ""): Promise<string[]> {
  const found: string[] = [];
  for (let cursor = ""; ; ) {
    const page = await search(q, `${query}&limit=2${cursor}`);
    found.push(...page.items.map(({ title }) => title));
    if (page.next_cursor === null) return found;
    cursor = `&cursor=${page.next_cursor}`;
  }
}

const index = () => indexMissing(team.db, searchedTasks, () => true);

/** Whether the index comes to hold what the tasks say: of all of them, as `fold` makes it, and nothing else. */
async function requireIndexed(): Promise<void> {
  const { db } = team;
  await index();
  await requireIntact(db, "tasks");
  const rows = await rowsOf<{ title: string; description: string | null; folded: string | null }>(
    db,
    sql`select title, description, folded from tasks`,
  );
  expect(rows.filter((row) => row.folded !== foldedTask(row))).toEqual([]);
}

describe("pages of a search", () => {
  test("are newest first, and every page's end goes on where it ended, with skip too", async () => {
    for (const n of [1, 2, 3, 4, 5]) await make(`Heron ${n}`, { description: n % 2 ? "on the wéir" : null });
    expect(await pages("heron")).toEqual(["Heron 5", "Heron 4", "Heron 3", "Heron 2", "Heron 1"]);
    expect(await pages("weir HER")).toEqual(["Heron 5", "Heron 3", "Heron 1"]);
    const first = await search("heron", "&skip=3&limit=1&count=true");
    expect([first.items.map(({ title }) => title), first.total, first.total_is_exact]).toEqual([
      ["Heron 2"],
      5,
      undefined,
    ]);
    const second = await search("heron", `&limit=1&cursor=${first.next_cursor}`);
    expect([second.items.map(({ title }) => title), second.next_cursor]).toEqual([["Heron 1"], null]);
  });

  test("are sorted otherwise on request, and full", async () => {
    expect(await pages("heron", "&sort=created_at")).toEqual(["Heron 1", "Heron 2", "Heron 3", "Heron 4", "Heron 5"]);
    expect(await pages("heron", "&sort=-rank")).toEqual(["Heron 5", "Heron 4", "Heron 3", "Heron 2", "Heron 1"]);
    expect((await search("heron", "&sort=rank&count=true&limit=1")).total).toBe(5);
  });

  test("are narrowed by filters, and the cursor belongs to them, the sort and the words", async () => {
    await make("Heron 6", { priority: "urgent" });
    expect(await titles("heron", "&priority=urgent,low")).toEqual(["Heron 6"]);
    const { next_cursor } = await search("heron", "&limit=1");
    for (const other of ["q=herons", "q=heron&priority=low", "q=heron&sort=rank"]) {
      const { body } = await team.ask("GET", `/tasks?${other}&cursor=${next_cursor}`, { as: team.ada });
      expect(body.error_code).toBe("invalid_cursor");
    }
  });

  test("take a statement for what is not in the index yet, one for the newest row, and one for the tasks", async () => {
    const count = async (query: string) => (await team.statementsOf(() => search("heron", query))).length;
    const { next_cursor } = await search("heron", "&limit=2");
    const later = `&limit=2&cursor=${next_cursor}`;
    // Those that are found and not in the index are one more.
    await make("Heron 7");
    expect([await count("&limit=2"), await count(later), await count("&sort=rank")]).toEqual([4, 3, 2]);
    await index();
    expect([await count("&limit=2"), await count(later), await count("&sort=rank")]).toEqual([3, 2, 2]);
  });
});

describe("what is found", () => {
  test("is only what one may see", async () => {
    await make("Secret kestrel");
    await team.task(team.ada, { title: "Own kestrel" });
    await team.task(team.eve, { title: "Eve's kestrel" });
    expect(await titles("kestrel")).toEqual(["Own kestrel", "Secret kestrel"]);
    expect(await titles("kestrel", "", team.linus)).toEqual(["Secret kestrel"]);
    expect(await titles("kestrel", "", team.eve)).toEqual(["Eve's kestrel"]);
    expect(await titles("kestrel", `&project_id=${project.id}`, team.eve)).toEqual([]);
    expect((await search("kestrel", "&count=true", team.eve)).total).toBe(1);
    expect(await titles("kestrel", "", team.root)).toEqual(["Eve's kestrel", "Own kestrel", "Secret kestrel"]);
  });

  test("lies in the trash only on request", async () => {
    const { id } = await make("Bittern");
    await team.ask("DELETE", `/tasks/${id}`, { as: team.ada });
    expect([await titles("bittern"), await titles("bittern", "&deleted=true")]).toEqual([[], ["Bittern"]]);
  });

  test("is found by its key and the beginning of it, in any case, beside what has it in the text", async () => {
    const other = await team.project("Key");
    const made: Task[] = [];
    for (let n = 1; n <= 12; n++) made.push(await team.task(team.ada, { title: `K${n}`, project_id: other.id }));
    await make(`See ${other.key}-12 first`);
    const at = (n: number) => `${other.key}-${n}`;
    expect(await titles(at(12).toLowerCase())).toEqual([`See ${at(12)} first`, "K12"]);
    expect(await titles(at(1), `&project_id=${other.id}`)).toEqual(["K12", "K11", "K10", "K1"]);
    expect(await titles(`${at(1)} k11`)).toEqual(["K11"]);
    expect(await titles(`${at(1)} nowhere`)).toEqual([]);
    expect(await titles(at(12), "", team.eve)).toEqual([]);
  });

  test("agrees with a slow reading of all tasks on random texts and searches", async () => {
    expect(await compareSearch({ searches: 300, texts: 60, seed: 7 })).toEqual([]);
  });
});

describe("the index", () => {
  test.each([true, false])(
    "follows every change of title and description, also of both at once by two; indexed: %p",
    async (indexed) => {
      const { id } = await make("Wörter", { description: "Ünder" });
      if (indexed) await index();
      const change = (body: object) => team.ask("PATCH", `/tasks/${id}`, { as: team.ada, body });
      await Promise.all([change({ title: "Ärger" }), change({ description: "Öl" })]);
      expect([await titles("arger ol"), await titles("worter"), await titles("under")]).toEqual([["Ärger"], [], []]);
      await change({ title: "Plain", description: null });
      expect([await titles("plain"), await titles("ärger")]).toEqual([["Plain"], []]);
      await change({ priority: "low" });
      await requireIndexed();
      await team.ask("DELETE", `/tasks/${id}`, { as: team.ada });
      expect(await titles("plain")).toEqual([]);
    },
  );

  test("has a new task afterwards, and the task is found meanwhile, by its key too, and counted", async () => {
    const { key } = await make("Ortolan", { description: "Garten ammer" });
    const [row] = await rowsOf(team.db, sql`select folded from tasks where title = 'Ortolan'`);
    expect(row).toEqual({ folded: null });
    for (let turn = 0; turn < 2; turn++) {
      for (const q of ["ortolan", "or", "ORTO gart", `${key}`, `${key} ortolan`])
        expect(await titles(q)).toContain("Ortolan");
      expect(await titles(`${key} nowhere`)).toEqual([]);
      expect(await titles("ortolan", "&sort=created_at")).toEqual(["Ortolan"]);
      expect((await search("ortolan", "&count=true")).total).toBe(1);
      expect(await titles("ortolan", "", team.eve)).toEqual([]);
      await index();
    }
  });

  test("gets tasks while a burst of them is written; each is found as soon as it is answered", async () => {
    const missed: string[] = [];
    const burst = Array.from({ length: 60 }, async (_, n) => {
      const { title } = await make(`Wagtail ${n}.`);
      if (!(await titles(`wagtail ${n}.`)).includes(title)) missed.push(title);
    });
    const indexing = (async () => {
      for (let turn = 0; turn < 10; turn++) await index();
    })();
    await Promise.all([...burst, indexing]);
    expect(missed).toEqual([]);
    expect(await pages("wagtail")).toHaveLength(60);
    await requireIndexed();
  });

  test("gets the tasks of before it was made, and none twice", async () => {
    const { db } = team;
    await make("Zaunkönig");
    await make("Plover");
    await db.write([raw("update tasks set folded = null where title in ('Zaunkönig', 'Plover')")]);
    await indexMissing(db, searchedTasks, () => false);
    expect([await titles("zaunkonig"), await titles("plover")]).toEqual([["Zaunkönig"], ["Plover"]]);
    for (let run = 0; run < 2; run++) await index();
    expect([await titles("zaunkonig"), await titles("plover")]).toEqual([["Zaunkönig"], ["Plover"]]);
    await requireIndexed();
  });

  test("keeps nothing of what was deleted", async () => {
    const { id } = await make("Ibis", { description: "glossy" });
    await index();
    await team.db.write([sql`delete from tasks where id = ${id}`]);
    const words = await rowsOf<{ n: number }>(
      team.db,
      sql`select count(*) as n from tasks_words_data where instr(block, cast('ibis' as blob)) > 0`,
    );
    expect(words).toEqual([{ n: 0 }]);
    await requireIndexed();
  });
});
