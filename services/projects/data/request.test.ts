import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { importer, newSource, outcomes, wholePayload } from "../test/importer.ts";
import { startTeam, type Team } from "../test/team.ts";

let team: Team;
let save: ReturnType<typeof importer>["save"];
let post: ReturnType<typeof importer>["post"];
let lastSeq: ReturnType<typeof importer>["lastSeq"];
beforeAll(async () => {
  team = await startTeam();
  ({ save, post, lastSeq } = importer(team));
});
afterAll(() => team.close());

const whole = (source: string) => wholePayload(team, source);

describe("a request", () => {
  test("with dry_run says what would become of each item, and writes nothing", async () => {
    const source = newSource();
    const seq = await lastSeq();
    const dry = await save({ ...whole(source), dry_run: true });
    expect(dry.totals).toEqual({ created: 9, updated: 0, unchanged: 0, failed: 0 });
    expect(new Set(dry.results.map(({ id }) => id))).toEqual(new Set([null]));
    expect(await lastSeq()).toBe(seq);
    await save(whole(source));
    const after = await lastSeq();
    const change = { external_id: "t1", title: "Another title" };
    expect(outcomes(await save({ source, tasks: [change], dry_run: true }))).toEqual(["t1 updated"]);
    expect(await lastSeq()).toBe(after);
  });

  test("with all_or_none is 422 import_failed with the results when one fails, and writes nothing", async () => {
    const source = newSource();
    const seq = await lastSeq();
    const body = whole(source);
    const bad = [...(body.tasks ?? []), { external_id: "bad", project: "nowhere", title: "Bad" }];
    const { status, body: problem } = await post({ ...body, tasks: bad, all_or_none: true });
    expect([status, problem.error_code]).toEqual([422, "import_failed"]);
    expect(problem.totals).toEqual({ created: 9, updated: 0, unchanged: 0, failed: 1 });
    expect(problem.results.find(({ outcome }) => outcome === "failed")).toMatchObject({
      external_id: "bad",
      error: { error_code: "not_found" },
    });
    expect(problem.results.filter(({ id }) => id !== null)).toEqual([]);
    expect(await lastSeq()).toBe(seq);
    expect((await save({ ...body, all_or_none: true })).totals.created).toBe(9);
  });

  test("with more than a thousand items together is 422, and nothing of it is saved", async () => {
    const many = (count: number, letter: string) =>
      Array.from({ length: count }, (_, i) => ({ external_id: `${letter}${i}`, title: "T" }));
    const { status, body } = await post({ source: newSource(), tasks: many(1000, "a"), deleted: ["x"] });
    expect([status, body.error_code]).toEqual([422, "validation_failed"]);
    expect((await post({ source: newSource(), tasks: many(1001, "a") })).status).toBe(422);
  });

  test("without a token is 401; with an unknown field in an item 422", async () => {
    expect((await post({ source: "s" }, null)).status).toBe(401);
    const tasks = [{ external_id: "t", title: "T", id: "x" }];
    const { status, body } = await team.ask<{ errors: { path: string }[] }>("POST", "/data/save", {
      as: team.ada,
      body: { source: "s", tasks },
    });
    expect([status, body.errors[0]?.path]).toEqual([422, "/tasks/0/id"]);
  });

  test.each(["due_at", "start_at"])("with a %s before 1970 is 422, naming the field", async (name) => {
    const tasks = [{ external_id: "t", title: "T", [name]: "0000-01-01T00:00:00Z" }];
    const { status, body } = await team.ask<{ errors: { path: string }[] }>("POST", "/data/save", {
      as: team.ada,
      body: { source: "s", tasks },
    });
    expect([status, body.errors.map(({ path }) => path)]).toEqual([422, [`/tasks/0/${name}`]]);
  });
});
