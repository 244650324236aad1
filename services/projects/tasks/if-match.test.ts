import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Problem } from "@stoa/testing";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import type { Task } from "./schema.ts";

let team: Team;
let project_id: string;
beforeAll(async () => {
  team = await startTeam();
  project_id = (await team.project("Change")).id;
});
afterAll(() => team.close());

const change = <T = Task>(id: string, body: unknown, match?: string, as: Person = team.ada, method = "PATCH") =>
  team.ask<T>(method, `/tasks/${id}`, { as, body, ...(match ? { headers: { "if-match": match } } : {}) });
const make = (body: object = {}) => team.task(team.ada, { project_id, ...body });

describe("If-Match", () => {
  test("a stale one merges what does not overlap", async () => {
    const { id } = await make();
    await change(id, { title: "First" }, '"1"');
    const { status, body } = await change(id, { priority: "low" }, '"1"');
    expect([status, body.title, body.priority, body.version]).toEqual([200, "First", "low", 3]);
  });

  test("a stale one is 412 with the present task when the same field has changed", async () => {
    const { id } = await make();
    const first = (await change(id, { title: "First" }, '"1"')).body;
    const { status, headers, body } = await change<Problem>(id, { title: "Second", priority: "low" }, '"1"');
    expect([status, body.error_code, headers.get("etag")]).toEqual([412, "version_conflict", '"2"']);
    expect(body.current).toEqual(first);
    expect((await team.read(id)).priority).toBe("medium");
  });

  test("a stale one that wants what is there already changes nothing", async () => {
    const { id } = await make();
    await change(id, { title: "Same" });
    expect((await change(id, { title: "Same" }, '"1"')).status).toBe(200);
  });

  test("knows what assigning, completing and moving changed", async () => {
    const [task, other] = [await make(), await make()];
    const { id } = task;
    await team.ask("PUT", `/tasks/${id}/assignees`, { as: team.ada, body: { user_ids: [team.grace.user_id] } });
    await team.ask("PATCH", `/tasks/${id}/complete`, { as: team.ada });
    await team.ask("PATCH", `/tasks/${id}/move`, { as: team.ada, body: { after_id: other.id } });
    for (const body of [{ assignee_ids: [] }, { status: "in_progress" }]) {
      expect((await change(id, body, '"1"')).status).toBe(412);
    }
    expect((await change(id, { title: "Merged" }, '"1"')).status).toBe(200);
  });

  test.each(['"99"', 'W/"99"', '"one"', "nothing"])("%s is no version that was ever seen: 412", async (match) => {
    expect((await change((await make()).id, { title: "X" }, match)).status).toBe(412);
  });

  test("* goes on from any version", async () => {
    expect((await change((await make()).id, { title: "X" }, "*")).status).toBe(200);
  });

  test("of many edits of one field from one version one gets through, the others are told", async () => {
    const { id } = await make();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => change(id, { title: `Edit ${i}` }, '"1"')));
    const counts = Map.groupBy(answers, ({ status }) => status);
    expect([counts.get(200)?.length, counts.get(412)?.length]).toEqual([1, 19]);
    expect((await team.read(id)).version).toBe(2);
  });

  test("many edits of different fields from one version all get through", async () => {
    const { id } = await make();
    const edits = [
      { title: "Merged" },
      { description: "Merged" },
      { priority: "urgent" },
      { labels: ["merged"] },
      { due_at: "2027-01-01T00:00:00.000Z" },
      { estimate_minutes: 1 },
      { status: "in_progress" },
      { assignee_ids: [team.grace.user_id] },
    ];
    const answers = await Promise.all(edits.map((edit) => change(id, edit, '"1"')));
    expect(answers.map(({ status }) => status)).toEqual(edits.map(() => 200));
    expect(await team.read(id)).toMatchObject({ ...Object.assign({}, ...edits), version: 9 });
    const versions = (await team.journal(id)).map(({ data }) => JSON.parse(data).version);
    expect(versions).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
