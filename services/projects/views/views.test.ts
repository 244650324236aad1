import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import type { Page } from "@stoa/http";
import { meanwhile, type Problem, rowsOf } from "@stoa/testing";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import { changeView } from "./change.ts";
import type { View } from "./schema.ts";

let team: Team;
let project_id: string;
let at: string;
beforeAll(async () => {
  team = await startTeam();
  project_id = (await team.project("Views")).id;
  at = `/projects/${project_id}/views`;
});
afterAll(() => team.close());

const save = (as: Person, body: object = {}, headers = {}) =>
  team.ask<View>("POST", at, { as, body: { name: "Mine", filter: { status: "pending" }, ...body }, headers });
const change = (as: Person, id: string, body: object, headers = {}) =>
  team.ask<View>("PATCH", `${at}/${id}`, { as, body, headers });
const refused = (as: Person, body: object) => team.ask<Problem>("POST", at, { as, body });

describe("POST /projects/{id}/views", () => {
  test("saves a filter of GET /tasks under a name: 201 with where it is, and an event", async () => {
    const { grace } = team;
    const filter = {
      status: "pending",
      assignee_id: grace.user_id,
      due_before: "2026-11-20T10:00:00+01:00",
      overdue: true,
    };
    const { status, body, headers } = await save(grace, { name: " Late ", filter, sort: "-due_at", is_shared: true });
    expect(status).toBe(201);
    expect(headers.get("location")).toBe(`/api/v1${at}/${body.id}`);
    expect(body).toMatchObject({
      project_id,
      name: "Late",
      filter: { overdue: true, due_before: "2026-11-20T09:00:00.000Z" },
      sort: "-due_at",
      is_shared: true,
      creator_id: grace.user_id,
      version: 1,
    });
    expect((await team.ask<View>("GET", `${at}/${body.id}`, { as: grace })).body).toEqual(body);
    expect(await team.lastEvent(body.id)).toMatchObject({
      type: "view.created",
      data: { view_id: body.id, project_id, name: "Late", is_shared: true, creator_id: grace.user_id, version: 1 },
    });
  });

  test("takes a list as a list too, and what it saves is what GET /tasks takes", async () => {
    const { body } = await save(team.ada, { filter: { label: ["guidance"], overdue: "true" } });
    expect(body.filter["overdue"]).toBe(true);
    const search = Object.entries(body.filter).map(([name, value]) => `${name}=${String(value)}`);
    expect(search).toContain("label=guidance");
    const asked = `/tasks?project_id=${project_id}&${search.join("&")}`;
    expect((await team.ask("GET", asked, { as: team.ada })).status).toBe(200);
    const label = ["to the moon, and back", 'the "Eagle"', "plain"];
    expect((await save(team.ada, { filter: { label } })).body.filter).toEqual({ label });
    const text = { label: "a,b", assignee_id: "me,none", status: "pending,in_review" };
    expect((await save(team.ada, { filter: text })).body.filter).toEqual({
      label: ["a", "b"],
      assignee_id: ["me", "none"],
      status: ["pending", "in_review"],
    });
  });

  test("shows a list where a filter took one value when it was saved, and takes several now", async () => {
    const parent_id = newId();
    const { id } = (await save(team.ada)).body;
    const saved = JSON.stringify({ parent_id, q: "late" });
    await team.db.write([sql`update views set filter = ${saved} where id = ${id}`]);
    const { body } = await team.ask<View>("GET", `${at}/${id}`, { as: team.ada });
    expect(body.filter).toEqual({ parent_id: [parent_id], q: "late" });
    expect((await change(team.ada, id, { filter: { parent_id } })).body.version).toBe(1);
  });

  test("is private unless it says otherwise; two may have one name", async () => {
    const [one, other] = [await save(team.linus), await save(team.linus)];
    expect([one.body.is_shared, one.body.sort, other.status]).toEqual([false, null, 201]);
  });

  test("422 names each value at fault, as GET /tasks would refuse it; also what is no filter", async () => {
    const bad = { status: "asleep", overdue: "perhaps", q: "x".repeat(300), due_after: "soon" };
    const { status, body } = await refused(team.ada, { name: "Bad", filter: bad });
    expect([status, body.error_code]).toEqual([422, "validation_failed"]);
    const paths = (body.errors ?? []).map(({ path }) => path.split("/").slice(0, 3).join("/"));
    expect(paths.toSorted()).toEqual(["/filter/due_after", "/filter/overdue", "/filter/q", "/filter/status"]);
    for (const filter of [
      { limit: "5" },
      { project_id },
      { sort: "rank" },
      { no_such: "x" },
      { status: null },
      { status: {} },
      { label: [1] },
      { q: {} },
      [],
      null,
    ]) {
      expect((await refused(team.ada, { name: "Bad", filter })).status).toBe(422);
    }
    expect((await refused(team.ada, { name: "", filter: {} })).status).toBe(422);
    expect((await refused(team.ada, { name: "Bad", filter: {}, sort: "colour" })).status).toBe(422);
    expect((await refused(team.ada, { filter: {} })).status).toBe(422);
  });

  test("viewers keep private ones and share none; strangers have none; 404 without the project, also in the trash", async () => {
    const { linus, eve, root, ada } = team;
    expect((await save(linus)).status).toBe(201);
    expect((await save(linus, { is_shared: true })).status).toBe(403);
    expect((await save(eve)).status).toBe(403);
    expect((await save(root, { is_shared: true })).status).toBe(201);
    const body = { name: "X", filter: {} };
    expect((await team.ask("POST", "/projects/none/views", { as: ada, body })).status).toBe(404);
    const { id } = await team.project("Trashed");
    await team.ask("DELETE", `/projects/${id}`, { as: ada });
    expect((await team.ask("POST", `/projects/${id}/views`, { as: ada, body })).status).toBe(404);
  });

  test("with an Idempotency-Key saves one", async () => {
    const key = { "idempotency-key": "view" };
    const answers = await Promise.all([save(team.ada, {}, key), save(team.ada, {}, key)]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers[0]?.body).toEqual(answers[1]?.body as View);
  });
});

describe("a private view", () => {
  test("is its creator's alone: others, the project's owner and superusers too, get 403 by its id and do not see it listed", async () => {
    const { ada, grace, linus, eve, root } = team;
    const { body: view } = await save(grace, { name: "Secret plans" });
    const others = [ada, linus, eve, root];
    expect(await team.statuses("GET", `${at}/${view.id}`, [grace, ...others, null])).toEqual([
      200, 403, 403, 403, 403, 401,
    ]);
    expect(await team.statuses("PATCH", `${at}/${view.id}`, others, { name: "X" })).toEqual([403, 403, 403, 403]);
    expect(await team.statuses("DELETE", `${at}/${view.id}`, others)).toEqual([403, 403, 403, 403]);
    for (const as of [ada, linus, root]) {
      const { body } = await team.ask<Page<View>>("GET", `${at}?limit=100`, { as });
      expect(body.items.map(({ id }) => id)).not.toContain(view.id);
    }
    expect((await team.ask<Page<View>>("GET", `${at}?limit=1`, { as: grace })).body.items).toEqual([view]);
  });

  test("of another project is not found here", async () => {
    const other = await team.project("Other");
    const { body: view } = await save(team.ada);
    for (const method of ["GET", "DELETE"]) {
      expect(await team.statuses(method, `/projects/${other.id}/views/${view.id}`, [team.ada])).toEqual([404]);
    }
  });

  test("goes when its creator is erased; a shared one stays", async () => {
    const gone = await team.person("gone");
    await team.ask("POST", `/projects/${project_id}/users`, {
      as: team.ada,
      body: { username: "gone", role: "developer" },
    });
    const [own, shared] = [await save(gone), await save(gone, { is_shared: true })];
    await team.apply("user.erased", { user_id: gone.user_id, session_ids: [] });
    const left = sql`select id from views where creator_id = ${gone.user_id}`;
    expect([own.status, await rowsOf(team.db, left)]).toEqual([201, [{ id: shared.body.id }]]);
  });
});

describe("PATCH /projects/{id}/views/{view_id}", () => {
  test("its creator changes it; of a filter, what is absent stays and null goes; the same again changes nothing", async () => {
    const { grace } = team;
    const { body: view } = await save(grace, { filter: { status: "pending", q: "moon" } });
    const body = { name: "New", filter: { q: null, overdue: true }, sort: "rank" };
    const changed = await change(grace, view.id, body);
    expect(changed.body).toMatchObject({ name: "New", sort: "rank", version: 2, is_shared: false });
    expect(changed.body.filter).toEqual({ status: view.filter["status"] ?? "", overdue: true });
    expect(changed.headers.get("etag")).toBe('"2"');
    expect((await change(grace, view.id, changed.body)).body).toEqual(changed.body);
    const { data } = await team.lastEvent(view.id);
    expect(data).toMatchObject({ name: "New", version: 2 });
    expect((data["changes"] as { field: string }[]).map(({ field }) => field).toSorted()).toEqual([
      "filter",
      "name",
      "sort",
    ]);
  });

  test("a shared one is also changed by the project's owners, not by others; sharing takes the right to write", async () => {
    const { ada, grace, linus, root } = team;
    const { body: view } = await save(grace, { is_shared: true });
    expect(await team.statuses("PATCH", `${at}/${view.id}`, [ada, root, linus], { sort: "rank" })).toEqual([
      200, 200, 403,
    ]);
    const developer = await save(team.grace, { is_shared: true });
    expect(developer.status).toBe(201);
    const { body: own } = await save(linus);
    expect((await change(linus, own.id, { is_shared: true })).status).toBe(403);
    expect((await change(linus, own.id, { name: "Still mine" })).status).toBe(200);
    expect((await change(grace, view.id, { is_shared: null })).body.is_shared).toBe(false);
    expect((await change(ada, view.id, { name: "No longer" })).status).toBe(403);
  });

  test("422 for a bad filter before anything is looked up, and for read-only fields; 412 for a stale If-Match", async () => {
    const { ada } = team;
    const { body: view } = await save(ada);
    expect((await change(ada, newId(), { filter: { status: "asleep" } })).status).toBe(422);
    expect((await change(ada, newId(), { name: "X" })).status).toBe(404);
    expect((await change(ada, view.id, { creator_id: team.eve.user_id })).status).toBe(422);
    expect((await change(ada, view.id, { name: "X" }, { "if-match": '"7"' })).status).toBe(412);
    expect((await change(ada, view.id, { name: "X" }, { "if-match": '"1"' })).status).toBe(200);
  });

  test("twenty changes at once all go through, each on what the one before left", async () => {
    const { body: view } = await save(team.ada);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => change(team.ada, view.id, { name: `${n}` })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect((await team.ask<View>("GET", `${at}/${view.id}`, { as: team.ada })).body.version).toBe(21);
  });

  test("an owner who changes a view that is made private meanwhile is refused", async () => {
    const { ada, grace } = team;
    const { body: view } = await save(grace, { is_shared: true });
    const db = { ...team.deps.db };
    meanwhile(db, () => change(grace, view.id, { is_shared: false }));
    const changing = changeView({ ...team.deps, db }, ada.actor, project_id, view.id, { name: "X" });
    expect(await changing.catch((error: unknown) => error)).toMatchObject({ code: "forbidden" });
  });
});

describe("DELETE /projects/{id}/views/{view_id}", () => {
  test("its creator deletes it, of a shared one the project's owners too: 204, then 404; with an event", async () => {
    const { ada, grace, linus } = team;
    const { body: view } = await save(grace, { is_shared: true });
    const path = `${at}/${view.id}`;
    expect((await team.ask("DELETE", path, { as: grace, headers: { "if-match": '"3"' } })).status).toBe(412);
    expect(await team.statuses("DELETE", path, [linus, ada, ada])).toEqual([403, 204, 404]);
    expect(await team.lastEvent(view.id)).toMatchObject({ type: "view.deleted", actor_id: ada.user_id });
  });
});

describe("GET /projects/{id}/views", () => {
  test("lists one's own and the shared ones, newest first, page by page, in two statements however many", async () => {
    const { id } = await team.project("List");
    const path = `/projects/${id}/views`;
    const body = (name: string, is_shared: boolean) => ({ name, filter: {}, is_shared });
    for (let n = 0; n < 4; n++) await team.ask("POST", path, { as: team.ada, body: body(`Ada ${n}`, n % 2 === 0) });
    for (let n = 0; n < 3; n++) await team.ask("POST", path, { as: team.linus, body: body(`Linus ${n}`, false) });
    type Names = Page<View>;
    const first = await team.ask<Names>("GET", `${path}?limit=3&count=true`, { as: team.linus });
    expect(first.body).toMatchObject({
      total: 5,
      items: [{ name: "Linus 2" }, { name: "Linus 1" }, { name: "Linus 0" }],
    });
    const rest = await team.ask<Names>("GET", `${path}?limit=3&cursor=${first.body.next_cursor}`, { as: team.linus });
    expect(rest.body.items.map(({ name }) => name)).toEqual(["Ada 2", "Ada 0"]);
    expect((await team.ask("GET", `${path}?cursor=${first.body.next_cursor}`, { as: team.ada })).status).toBe(422);
    expect(await team.statuses("GET", path, [team.eve, null])).toEqual([403, 401]);
    const statements = await team.statementsOf(() => team.ask("GET", path, { as: team.ada }));
    expect(statements).toHaveLength(2);
  });
});
