import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { sql } from "@stoa/db";
import { startTeam, type Team } from "@stoa/projects/test/team";
import { rowsOf, temporaryDirectory } from "@stoa/testing";
import { run } from "./main.ts";

let team: Team;
let server: ReturnType<typeof Bun.serve>;
/** How many payloads the server was sent, and what it answers instead of itself. */
let saves = 0;
let instead: ((request: Request) => Response | undefined) | undefined;
beforeAll(async () => {
  team = await startTeam();
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      if (request.url.endsWith("/data/save")) saves++;
      return instead?.(request) ?? team.app.fetch(request);
    },
  });
});
afterAll(async () => {
  await server.stop(true);
  await team.close();
});
beforeEach(() => {
  saves = 0;
  instead = undefined;
});

const fixture = (name: string) => join(import.meta.dir, "fixtures", name);

/** Runs a command line as Ada, and gives back its code and lines. */
async function command(line: string, env: Record<string, string> = {}, input = "") {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await run(
    line.split(" "),
    { STOA_URL: server.url.origin, STOA_TOKEN: team.ada.token_id, ...env },
    (text, error) => (error ? err : out).push(text),
    { stdin: () => Promise.resolve(input), ask: () => Promise.resolve(null) },
  );
  return { code, out, err: err.join("\n") };
}

/** Imports a file with this content. */
async function imported(name: string, content: string, more = "", env: Record<string, string> = {}) {
  await using folder = await temporaryDirectory("import");
  const path = join(folder.path, name);
  await Bun.write(path, content);
  return await command(`import ${path} ${more}`.trim(), env);
}

const jsonl = (items: readonly object[]) => items.map((item) => JSON.stringify(item)).join("\n");
const titles = async (source: string) =>
  (
    await rowsOf<{ title: string }>(
      team.db,
      sql`select title from tasks where id in (select entity_id from imported where source = ${source}) order by id`,
    )
  ).map(({ title }) => title);

describe("import", () => {
  test("of a board of Trello says what was saved, what was refused, and what was not carried over", async () => {
    const { code, out } = await command(`import ${fixture("trello.json")} --source trello`);
    expect(out).toEqual([
      `${fixture("trello.json")} is a board of Trello`,
      "members[1]: not_found: There is no such user.",
      "the board: left out are its members who are not here",
      'cards[0]: not_found: This source has no user "65f0c0ffee0000000000a002" here.',
      "not carried over: 2 attachments, 1 votes, 1 values of custom fields, 2 archived cards, 2 items of checklists, 1 comments",
      "6 created, 0 updated, 0 unchanged, 2 failed",
    ]);
    expect(code).toBe(1);
    expect((await titles("trello")).length).toBe(3);
  });

  test("of an export of Vikunja, and again: nothing changes", async () => {
    const first = await command(`import ${fixture("vikunja.json")} --source vikunja`);
    expect(first.out.at(-1)).toBe("9 created, 0 updated, 0 unchanged, 0 failed");
    const again = await command(`import ${fixture("vikunja.json")} --source vikunja`);
    expect(again.out.at(-1)).toBe("0 created, 0 updated, 9 unchanged, 0 failed");
  });

  test("of a CSV file names each line that was refused, and saves the others", async () => {
    const map = `--map ${fixture("tracker.map.json")}`;
    const { code, out } = await command(`import ${fixture("tracker.csv")} --source csv ${map}`);
    expect(code).toBe(1);
    expect(out.slice(1, 4)).toEqual([
      "line 6: It has no external_id.",
      "line 4: validation_failed: estimate_minutes: This must be a whole number.",
      'line 4: not_found: This source has no task "AB-2" here.',
    ]);
    expect(await titles("csv")).toEqual(['Mend the "big" net', "Sort the floats"]);
  });

  test("sends pages of a thousand in which references resolve, however the file is ordered", async () => {
    const count = 1_300;
    const items = [
      { kind: "assignee", external_id: "a", task: "t7", user: "u" },
      ...Array.from({ length: count }, (_, i) => ({
        kind: "task",
        external_id: `t${i}`,
        project: "p",
        title: `Task ${i}`,
        // Parents stand behind their subtasks, in other pages too.
        ...(i < 400 && { parent: `t${i + 800}` }),
      })),
      { kind: "project", external_id: "p", name: "Many", members: [{ user: "u", role: "viewer" }] },
      { kind: "user", external_id: "u", username: "grace" },
    ];
    const dry = await imported("many.jsonl", jsonl(items), "--source many --dry-run");
    expect(dry.out.slice(1)).toEqual([
      `${count + 3} created, 0 updated, 0 unchanged, 0 failed (a dry run: nothing was saved)`,
    ]);
    expect(await titles("many")).toEqual([]);
    saves = 0;
    const { code, out } = await imported("many.jsonl", jsonl(items), "--source many");
    expect([code, out.at(-1), saves]).toEqual([0, `${count + 3} created, 0 updated, 0 unchanged, 0 failed`, 3]);
    const [row] = await rowsOf(
      team.db,
      sql`select count(parent_id) as parents, max(number) as last from tasks
        where id in (select entity_id from imported where source = 'many')`,
    );
    expect(row).toEqual({ parents: 400, last: count });
  });

  test("that broke off is run again: what was saved stays, and the events are those of one run", async () => {
    const items = Array.from({ length: 2_500 }, (_, i) => ({ kind: "task", external_id: `t${i}`, title: `Task ${i}` }));
    const events = async () =>
      (await rowsOf<{ n: number }>(team.db, sql`select count(*) as n from journal`))[0]?.n ?? 0;
    const before = await events();
    await imported("clean.jsonl", jsonl(items), "--source clean");
    const clean = (await events()) - before;
    instead = (request) =>
      request.url.endsWith("/data/save") && saves > 2 ? new Response("gone", { status: 500 }) : undefined;
    const middle = await events();
    saves = 0;
    const broken = await imported("broken.jsonl", jsonl(items), "--source broken");
    expect(broken.code).toBe(1);
    expect(broken.err).toContain("The server answers 500");
    expect((await titles("broken")).length).toBe(2_000);
    instead = undefined;
    expect((await imported("broken.jsonl", jsonl(items), "--source broken")).out.at(-1)).toBe(
      "500 created, 0 updated, 2000 unchanged, 0 failed",
    );
    expect((await events()) - middle).toBe(clean);
  });

  test("says how many items keep what people have changed, but with --overwrite", async () => {
    const items = (title: string) => jsonl([{ kind: "task", external_id: "t", title }]);
    await imported("t.jsonl", items("One"), "--source kept");
    await team.db.write([
      sql`update tasks set title = 'By hand', version = 2 where id in (select entity_id from imported where source = 'kept')`,
    ]);
    expect((await imported("t.jsonl", items("Two"), "--source kept")).out.slice(1)).toEqual([
      "1 items keep fields that people have changed since the last import",
      "0 created, 0 updated, 1 unchanged, 0 failed",
    ]);
    await imported("t.jsonl", items("Two"), "--source kept --overwrite");
    expect(await titles("kept")).toEqual(["Two"]);
  });

  test("sends no item whose external id stands in the file more than once", async () => {
    const lines = [
      { kind: "task", external_id: "t", title: "One" },
      { kind: "deleted", external_id: "t" },
      { kind: "task", external_id: "other", title: "Other" },
    ];
    const { code, out } = await imported("twice.jsonl", jsonl(lines), "--source twice");
    expect([code, ...out.slice(1)]).toEqual([
      1,
      "line 1: Another item of the file has the same external_id.",
      "line 2: Another item of the file has the same external_id.",
      "1 created, 0 updated, 0 unchanged, 2 failed",
    ]);
  });
});

describe("the command", () => {
  test.each([
    ["no command", "", "bun run projects import FILE"],
    ["no file", "import --source s", "Name one file"],
    ["two files", "import a.json b.json --source s", "Name one file"],
    ["no source", "import a.json", "Name the other system with --source"],
    ["an unknown option", "import a.json --source s --color", "Unknown option '--color'"],
    ["another command", "export a.json --source s", "There is no command export."],
  ] as const)("with %s says so and prints its usage", async (_, line, fault) => {
    const { code, err } = await command(line);
    expect([code, err]).toEqual([1, expect.stringContaining("bun run projects import FILE --source NAME")] as never);
    expect(err).toStartWith(fault);
  });

  test("--help prints its usage", async () => {
    const { code, out } = await command("--help");
    expect([code, out.join("\n")]).toEqual([0, expect.stringContaining("STOA_PASSWORD")] as never);
  });

  test.each([
    ["no file there", "import nothing.json --source s", {}, "There is no such file."],
    ["nobody who logs in", "import FILE --source s", { STOA_TOKEN: "" }, "--username"],
    ["no password", "import FILE --source s --username ada", {}, "STOA_PASSWORD"],
    ["a password in the address", "import FILE --source s --url http://a:b@localhost", {}, "Do not put a password"],
    ["an address that is none", "import FILE --source s --url localhost", {}, "http: or https:"],
    ["a token that is none", "import FILE --source s", { STOA_TOKEN: "x" }, "401 invalid_token"],
    ["a source that is none", `import FILE --source ${"s".repeat(101)}`, {}, "422 validation_failed"],
  ] as const)("with %s says so in a line", async (_, line, env, message) => {
    const { code, err } = await command(line.replace("FILE", fixture("trello.json")), env);
    expect([code, err]).toEqual([1, expect.stringContaining(message)] as never);
    expect(err).not.toContain("\n");
  });
});
