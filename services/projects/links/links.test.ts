import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import type { Page } from "@stoa/http";
import type { Problem } from "@stoa/testing";
import type { DataSaved } from "../data/schema.ts";
import type { TaskLogEntry } from "../tasks/schema.ts";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import type { Link } from "./schema.ts";

let team: Team;
let project_id: string;
beforeAll(async () => {
  team = await startTeam();
  project_id = (await team.project("Links")).id;
});
afterAll(() => team.close());

const make = (body: object = {}, as: Person = team.ada) => team.task(as, { project_id, ...body });
const link = <T = Link>(task_id: string, type: string, to: string, as: Person = team.ada, headers = {}) =>
  team.ask<T>("POST", `/tasks/${task_id}/links`, { as, body: { type, task_id: to }, headers });
const list = async (task_id: string, query = "", as: Person = team.linus) =>
  (await team.ask<Page<Link>>("GET", `/tasks/${task_id}/links${query}`, { as })).body;

describe("POST /tasks/{id}/links", () => {
  test("answers 201 with the link, which both tasks show; no task's version changes", async () => {
    const [a, b] = [await make(), await make()];
    const { status, headers, body } = await link(a.id, "blocks", b.id, team.grace);
    expect([status, headers.get("location")]).toEqual([201, `/api/v1/tasks/${a.id}/links/${body.id}`]);
    expect(body).toEqual({
      id: body.id,
      type: "blocks",
      task_id: a.id,
      linked_task_id: b.id,
      created_at: body.created_at,
    });
    expect([(await list(a.id)).items, (await list(b.id)).items]).toEqual([[body], [body]]);
    expect([await team.read(a.id), await team.read(b.id)]).toEqual([a, { ...b, is_blocked: true }]);
  });

  test("both tasks' logs say what the other is to them, each in its own project", async () => {
    const other = await team.project("Other");
    const [a, b] = [await make(), await team.task(team.ada, { project_id: other.id, title: "Elsewhere" })];
    const { body } = await link(a.id, "duplicates", b.id);
    const about = { link_id: body.id, link_type: "duplicates", from_task_id: a.id, to_task_id: b.id, version: 1 };
    expect((await team.lastEvent(a.id)).data).toEqual({
      ...about,
      task_id: a.id,
      project_id,
      key: a.key,
      title: "A task",
      changes: [{ field: "duplicates", from: null, to: b.id }],
    });
    expect((await team.lastEvent(b.id)).data).toEqual({
      ...about,
      task_id: b.id,
      project_id: other.id,
      key: b.key,
      title: "Elsewhere",
      changes: [{ field: "is_duplicated_by", from: null, to: a.id }],
    });
    const logs = (await team.ask<Page<TaskLogEntry>>("GET", `/tasks/${b.id}/logs?limit=1`, { as: team.linus })).body;
    expect(logs.items[0]).toMatchObject({
      type: "link.created",
      changes: [{ field: "is_duplicated_by", from: null, to: a.id }],
    });
  });

  test("the same link again is the one that is there: 200; relates_to has no direction", async () => {
    const [a, b] = [await make(), await make()];
    const first = await link(a.id, "relates_to", b.id);
    const again = [await link(a.id, "relates_to", b.id), await link(b.id, "relates_to", a.id)];
    expect(again.map(({ status, body }) => [status, body])).toEqual([
      [200, first.body],
      [200, first.body],
    ]);
    expect((await link(a.id, "duplicates", b.id)).status).toBe(201);
    expect((await link(b.id, "duplicates", a.id)).status).toBe(201);
    expect((await list(a.id)).items).toHaveLength(3);
  });

  test("20 of one link at once, from both sides, make one; one Idempotency-Key makes one", async () => {
    const [a, b] = [await make(), await make()];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0 ? link(a.id, "relates_to", b.id) : link(b.id, "relates_to", a.id),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    const headers = { "idempotency-key": newId() };
    const first = await link(a.id, "blocks", b.id, team.ada, headers);
    const again = await link(a.id, "blocks", b.id, team.ada, headers);
    expect([again.status, again.body, again.headers.get("idempotent-replayed")]).toEqual([201, first.body, "true"]);
  });

  test("422 for a task and itself and for an unknown type, 404 for one that is not there or in the trash", async () => {
    const [a, b] = [await make(), await make()];
    const itself = await link<Problem>(a.id, "relates_to", a.id);
    expect([itself.status, itself.body.errors?.[0]?.path]).toEqual([422, "/task_id"]);
    expect((await link(a.id, "loves", b.id)).status).toBe(422);
    expect((await link(a.id, "blocks", newId())).status).toBe(404);
    await team.ask("DELETE", `/tasks/${b.id}`, { as: team.ada });
    expect((await link(a.id, "blocks", b.id)).status).toBe(404);
    expect((await link(b.id, "blocks", a.id)).status).toBe(404);
  });

  test("is for developers of the task's project who see the other task", async () => {
    const { ada, grace, linus, eve, root } = team;
    const [a, b] = [await make(), await make()];
    const people = [null, eve, linus, grace, root];
    expect(await team.statuses("POST", `/tasks/${a.id}/links`, people, { type: "blocks", task_id: b.id })).toEqual([
      401, 403, 403, 201, 200,
    ]);
    const { body: hidden } = await team.ask<{ id: string }>("POST", "/projects", { as: eve, body: { name: "Hidden" } });
    const secret = await team.task(eve, { project_id: hidden.id, title: "Secret" });
    const mine = await team.task(eve, { title: "Personal" });
    for (const { id } of [secret, mine]) {
      const { status, body } = await link<Problem>(a.id, "relates_to", id, ada);
      expect([status, JSON.stringify(body).includes("Secret")]).toEqual([403, false]);
      expect((await link(id, "relates_to", a.id, ada)).status).toBe(403);
    }
  });
});

describe("somebody with a task of their own links it", () => {
  const outcome: Record<string, Record<string, number>> = {
    //           of the other task's project: nobody, a viewer, its assignee, a developer, an owner, a superuser
    blocks: { eve: 403, linus: 403, assignee: 403, grace: 201, ada: 201, root: 201 },
    relates_to: { eve: 403, linus: 201, assignee: 201, grace: 201, ada: 201, root: 201 },
    duplicates: { eve: 403, linus: 201, assignee: 201, grace: 201, ada: 201, root: 201 },
  };
  for (const [type, statuses] of Object.entries(outcome)) {
    test.each(Object.entries(statuses))(`${type}: as %s %d`, async (who, expected) => {
      const as = who === "assignee" ? team.linus : team[who as "ada"];
      const theirs = await make(who === "assignee" ? { assignee_ids: [team.linus.user_id] } : {});
      const before = await team.read(theirs.id);
      const home = await team.ask<{ id: string }>("POST", "/projects", { as, body: { name: "Home" } });
      for (const project_id of [null, home.body.id]) {
        const own = await team.task(as, { title: "Own", ...(project_id && { project_id }) });
        const answer = await link<Link & Problem>(own.id, type, theirs.id, as);
        expect(answer.status).toBe(expected);
        if (expected === 403) expect(answer.body.error_code).toBe("forbidden");
        const source = crypto.randomUUID();
        const saved = await saveLink(as, source, type, theirs.id);
        expect(saved).toBe(who === "eve" || expected === 403 ? "forbidden" : "created");
      }
      expect((await team.read(theirs.id)).is_blocked).toBe(type === "blocks" && expected === 201);
      if (expected === 403) expect(await team.read(theirs.id)).toEqual(before);
    });
  }

  /** The same by an import, in which a record says that the other task is one of this source. */
  async function saveLink(as: Person, source: string, type: string, other: string): Promise<string | undefined> {
    const tasks = ["own", "other"].map((external_id) => ({ external_id, title: external_id }));
    const made = await team.ask<DataSaved>("POST", "/data/save", { as, body: { source, tasks } });
    expect(made.body.totals.created).toBe(2);
    await team.db.write([
      sql`update imported set entity_id = ${other}
        where owner_id = ${as.user_id} and source = ${source} and kind = 'task' and external_id = 'other'`,
    ]);
    const links = [{ external_id: "l", type, task: "own", linked_task: "other" }];
    const { results } = (await team.ask<DataSaved>("POST", "/data/save", { as, body: { source, links } })).body;
    return results[0]?.error?.error_code ?? results[0]?.outcome;
  }
});

describe("a task that the reader does not see", () => {
  test("is an id in a link and in the log, without a title, and cannot be read by it", async () => {
    const { ada, linus } = team;
    const { body: hidden } = await team.ask<{ id: string }>("POST", "/projects", { as: ada, body: { name: "Hidden" } });
    const secret = await team.task(ada, { project_id: hidden.id, title: "Secret plan" });
    const open = await make();
    const { body } = await link(secret.id, "blocks", open.id);
    const seen = [
      await list(open.id),
      (await team.ask<object>("GET", `/tasks/${open.id}/logs`, { as: linus })).body,
      await team.read(open.id, linus),
    ];
    expect(seen[0]).toMatchObject({ items: [{ id: body.id, task_id: secret.id }] });
    expect(JSON.stringify(seen)).not.toContain("Secret");
    expect((await team.ask("GET", `/tasks/${secret.id}`, { as: linus })).status).toBe(403);
    // Who sees neither the project nor the task learns of both ends only by the task that is theirs.
    expect((await team.ask("DELETE", `/tasks/${secret.id}/links/${body.id}`, { as: linus })).status).toBe(403);
  });
});

describe("GET /tasks/{id}/links", () => {
  test("pages through both directions, the latest first; 401, 403, 404 for those who may not", async () => {
    const { ada, linus, eve, root } = team;
    const [a, b, c] = [await make(), await make(), await make()];
    const made = [await link(a.id, "blocks", b.id), await link(c.id, "blocks", a.id), await link(a.id, "blocks", c.id)];
    expect(made.map(({ status }) => status)).toEqual([201, 201, 409]);
    const first = await list(a.id, "?limit=1&count=true");
    expect([first.items[0]?.task_id, first.total]).toEqual([c.id, 2]);
    const second = await list(a.id, `?limit=1&cursor=${first.next_cursor}`);
    expect([second.items[0]?.linked_task_id, second.next_cursor]).toEqual([b.id, null]);
    expect(await team.statuses("GET", `/tasks/${a.id}/links`, [null, eve, linus, root])).toEqual([401, 403, 200, 200]);
    expect(await team.statuses("GET", `/tasks/${newId()}/links`, [ada])).toEqual([404]);
  });
});

describe("DELETE /tasks/{id}/links/{link_id}", () => {
  test("takes the link off by either task, with an event about each", async () => {
    const [a, b] = [await make(), await make()];
    for (const by of [a, b]) {
      const { body } = await link(a.id, "relates_to", b.id);
      expect((await team.ask("DELETE", `/tasks/${by.id}/links/${body.id}`, { as: team.grace })).status).toBe(204);
      for (const [at, other] of [[a, b] as const, [b, a] as const]) {
        expect(await team.lastEvent(at.id)).toMatchObject({
          type: "link.removed",
          data: { task_id: at.id, link_id: body.id, changes: [{ field: "relates_to", from: other.id, to: null }] },
        });
      }
      expect((await list(a.id)).items).toEqual([]);
    }
  });

  test("401, 403 for viewers and others, 404 for a link of other tasks or of none", async () => {
    const { grace, linus, eve, root } = team;
    const [a, b, c] = [await make(), await make(), await make()];
    const { body } = await link(a.id, "blocks", b.id);
    expect(await team.statuses("DELETE", `/tasks/${c.id}/links/${body.id}`, [root])).toEqual([404]);
    expect(await team.statuses("DELETE", `/tasks/${a.id}/links/${newId()}`, [root])).toEqual([404]);
    expect(await team.statuses("DELETE", `/tasks/${a.id}/links/${body.id}`, [null, eve, linus, grace, root])).toEqual([
      401, 403, 403, 204, 404,
    ]);
  });
});

test("every route takes a fixed number of statements", async () => {
  const [a, b, c] = [await make(), await make(), await make()];
  let made: Link | undefined;
  const linked = await team.statementsOf(async () => {
    made = (await link(a.id, "blocks", b.id)).body;
  });
  // The two tasks, whether they are linked; the two events, the link, the answer.
  expect(linked).toHaveLength(7);
  expect(await team.statementsOf(() => link(a.id, "blocks", b.id))).toHaveLength(3);
  for (const to of [b, c]) await link(a.id, "relates_to", to.id);
  expect(await team.statementsOf(() => list(a.id))).toHaveLength(2);
  const removed = () => team.ask("DELETE", `/tasks/${a.id}/links/${made?.id}`, { as: team.ada });
  expect(await team.statementsOf(removed)).toHaveLength(5);
});
