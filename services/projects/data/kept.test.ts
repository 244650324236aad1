import { afterAll, beforeAll, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { rowsOf } from "@stoa/testing";
import type { Project } from "../projects/schema.ts";
import { scopeOf } from "../tasks/scope.ts";
import { errors, idOf, importer, kept, newSource, outcomes } from "../test/importer.ts";
import { startTeam, type Team } from "../test/team.ts";
import type { DataSave, DataTask } from "./schema.ts";

let team: Team;
let save: ReturnType<typeof importer>["save"];
let post: ReturnType<typeof importer>["post"];
let lastSeq: ReturnType<typeof importer>["lastSeq"];
let eventsSince: ReturnType<typeof importer>["eventsSince"];
beforeAll(async () => {
  team = await startTeam();
  ({ save, post, lastSeq, eventsSince } = importer(team));
});
afterAll(() => team.close());

/** A task that was imported, what saves it again, and what changes it by hand. */
async function importedTask(more: Partial<DataTask> = {}) {
  const source = newSource();
  const again = (given: Partial<DataTask>, options: Partial<DataSave> = {}) =>
    save({ source, tasks: [{ external_id: "t", title: "Task", ...given }], ...options });
  const id = idOf(await again(more), "task", "t");
  const byHand = (body: object) => team.ask("PATCH", `/tasks/${id}`, { as: team.ada, body });
  return { source, id, again, byHand, read: () => team.read(id) };
}

test("what someone changed here since the last import is kept and named, again and again; the rest follows the source", async () => {
  const { again, byHand, read } = await importedTask({ priority: "low", description: "One" });
  await byHand({ priority: "urgent" });
  const saved = await again({ priority: "high", description: "Two" });
  expect([outcomes(saved), kept(saved)]).toEqual([["t updated"], { t: ["priority"] }]);
  expect(await read()).toMatchObject({ priority: "urgent", description: "Two", version: 3 });
  const seq = await lastSeq();
  const next = await again({ priority: "medium", description: "Two" });
  expect([outcomes(next), kept(next), await lastSeq()]).toEqual([["t unchanged"], { t: ["priority"] }, seq]);
});

test("it follows the source again once it is as it was imported, or as the source has it", async () => {
  const { again, byHand, read } = await importedTask({ priority: "low" });
  await byHand({ priority: "urgent" });
  await byHand({ priority: "low" });
  expect(kept(await again({ priority: "high" }))).toEqual({});
  expect(await read()).toMatchObject({ priority: "high" });
  await byHand({ priority: "urgent" });
  expect(outcomes(await again({ priority: "urgent" }))).toEqual(["t unchanged"]);
  expect(outcomes(await again({ priority: "low" }))).toEqual(["t updated"]);
  expect(await read()).toMatchObject({ priority: "low" });
});

test("a field that imports left out before was changed by people all the same", async () => {
  const { again, byHand, read } = await importedTask();
  await byHand({ labels: ["by hand"], status: "in_review" });
  const saved = await again({ labels: ["imported"], status: "completed", estimate_minutes: 9 });
  expect([outcomes(saved), kept(saved)]).toEqual([["t updated"], { t: ["status", "labels"] }]);
  expect(await read()).toMatchObject({ labels: ["by hand"], status: "in_review", estimate_minutes: 9 });
});

test("with overwrite everything follows the source", async () => {
  const { again, byHand, read } = await importedTask({ priority: "low" });
  await byHand({ priority: "urgent", title: "By hand" });
  const saved = await again({ priority: "low" }, { overwrite: true });
  expect([outcomes(saved), kept(saved)]).toEqual([["t updated"], {}]);
  expect(await read()).toMatchObject({ priority: "low", title: "Task" });
});

test("a project's name, description and roles are kept too", async () => {
  const source = newSource();
  const payload = (name: string, role: "viewer" | "developer" | "owner", overwrite = false) => ({
    source,
    overwrite,
    users: [{ external_id: "g", username: "grace" }],
    projects: [{ external_id: "p", name, description: "D", members: [{ user: "g", role }] }],
  });
  const id = idOf(await save(payload("Imported", "viewer")), "project", "p");
  await team.ask("PATCH", `/projects/${id}`, { as: team.ada, body: { name: "By hand" } });
  await team.ask("POST", `/projects/${id}/users`, { as: team.ada, body: { username: "grace", role: "owner" } });
  const saved = await save(payload("Imported again", "developer"));
  expect([outcomes(saved), kept(saved)]).toEqual([["g unchanged", "p unchanged"], { p: ["name", "members"] }]);
  // Taken out by hand, they stay out.
  await team.ask("DELETE", `/projects/${id}/users/${team.grace.user_id}`, { as: team.ada });
  expect(kept(await save(payload("Imported again", "developer")))).toEqual({ p: ["name", "members"] });
  await save(payload("Imported again", "developer", true));
  const { body } = await team.ask<Project>("GET", `/projects/${id}`, { as: team.ada });
  expect(body).toMatchObject({ name: "Imported again" });
  expect(body.members.map(({ username, role }) => [username, role])).toEqual([
    ["ada", "owner"],
    ["grace", "developer"],
  ]);
});

test("whom people have taken off a task is not assigned again, but with overwrite", async () => {
  const source = newSource();
  const payload = {
    source,
    users: [{ external_id: "a", username: "ada" }],
    tasks: [{ external_id: "t", title: "T" }],
    assignees: [{ external_id: "ta", task: "t", user: "a" }],
  };
  const id = idOf(await save(payload), "task", "t");
  await team.ask("PUT", `/tasks/${id}/assignees`, { as: team.ada, body: { user_ids: [] } });
  const again = await save(payload);
  expect([outcomes(again).at(-1), kept(again)]).toEqual(["ta unchanged", { ta: ["user"] }]);
  expect(outcomes(await save({ ...payload, overwrite: true })).at(-1)).toBe("ta updated");
  expect((await team.read(id)).assignee_ids).toEqual([team.ada.user_id]);
});

test("deleted moves tasks to the trash with what is below them, once; what the source has again comes back", async () => {
  const source = newSource();
  const tasks = [
    { external_id: "t1", title: "Above" },
    { external_id: "t2", title: "Below", parent: "t1" },
    { external_id: "t3", title: "Lowest", parent: "t2" },
  ];
  const first = await save({ source, tasks });
  const [above, below, lowest] = ["t1", "t2", "t3"].map((one) => idOf(first, "task", one)) as [string, string, string];
  const seq = await lastSeq();
  expect(outcomes(await save({ source, deleted: ["t1", "t3"] }))).toEqual(["t1 updated", "t3 updated"]);
  const events = await eventsSince(seq);
  expect(events.map(({ type, entity_id }) => [type, entity_id]).toSorted()).toEqual(
    [
      ["import.saved", null],
      ["task.trashed", lowest],
      ["task.trashed", above],
      ["task.trashed", below],
    ].toSorted(),
  );
  expect(new Set(events.map(({ data }) => JSON.parse(data).source))).toEqual(new Set(["import", source]));
  const after = await lastSeq();
  expect(outcomes(await save({ source, deleted: ["t1", "t3"] }))).toEqual(["t1 unchanged", "t3 unchanged"]);
  expect(await lastSeq()).toBe(after);
  const back = await save({ source, tasks: [{ external_id: "t1", title: "Above again" }, tasks[1] as DataTask] });
  expect(outcomes(back)).toEqual(["t1 updated", "t2 unchanged"]);
  expect(await team.read(above)).toMatchObject({ deleted_at: null, title: "Above again", version: 4 });
  expect(await team.read(below)).toMatchObject({ deleted_at: null, version: 3 });
  expect((await team.read(lowest)).deleted_at).not.toBeNull();
});

test("what people moved to the trash stays there, and what was deleted for good is not made again, but with overwrite", async () => {
  const { id, again, byHand, read } = await importedTask();
  await team.ask("DELETE", `/tasks/${id}`, { as: team.ada });
  const saved = await again({ title: "Another" });
  expect([outcomes(saved), kept(saved)]).toEqual([["t unchanged"], { t: ["deleted_at"] }]);
  expect(outcomes(await again({}, { tasks: [], deleted: ["t"] }))).toEqual(["t unchanged"]);
  expect(outcomes(await again({ title: "Another" }, { overwrite: true }))).toEqual(["t updated"]);
  expect(await read()).toMatchObject({ deleted_at: null, title: "Another" });
  await byHand({ title: "By hand" });
  await team.db.write([sql`delete from tasks where id = ${id}`]);
  expect(kept(await again({}))).toEqual({ t: ["deleted_at"] });
  expect(outcomes(await again({}, { tasks: [], deleted: ["t"] }))).toEqual(["t unchanged"]);
  const sub = { external_id: "s", title: "S", parent: "t" };
  expect(errors(await again({}, { tasks: [sub] }))).toEqual([["s", "not_found", undefined]]);
  expect(outcomes(await again({}, { overwrite: true }))).toEqual(["t created"]);
});

test("a project in the trash stays there with its tasks, and takes no new ones", async () => {
  const source = newSource();
  const body = {
    source,
    users: [{ external_id: "g", username: "grace" }],
    projects: [{ external_id: "p", name: "P", members: [{ user: "g", role: "developer" as const }] }],
    tasks: [{ external_id: "t", project: "p", title: "T" }],
  };
  const id = idOf(await save(body), "project", "p");
  await team.ask("DELETE", `/projects/${id}`, { as: team.ada });
  const again = await save({ ...body, tasks: [...body.tasks, { external_id: "n", project: "p", title: "New" }] });
  expect(kept(again)).toEqual({ p: ["deleted_at"], t: ["deleted_at"] });
  expect(errors(again).map(([one, code]) => [one, code])).toEqual([["n", "not_found"]]);
  expect(errors(await save({ ...body, overwrite: true })).map(([one, code]) => [one, code])).toEqual([
    ["t", "in_trash"],
  ]);
  // Whoever imported it and is no owner of the project any more does not see what is in its trash.
  await team.db.write([sql`update members set role = 'developer' where project_id = ${id}`]);
  expect(errors(await save({ source, tasks: body.tasks })).map(([one, code]) => [one, code])).toEqual([
    ["t", "not_found"],
  ]);
});

test("a task in another project of the source than before is refused; one that people have moved is kept where it is", async () => {
  const source = newSource();
  const projects = [
    { external_id: "p1", name: "P1" },
    { external_id: "p2", name: "P2" },
  ];
  const first = await save({ source, projects, tasks: [{ external_id: "t", project: "p1", title: "T" }] });
  const moved = await save({ source, tasks: [{ external_id: "t", project: "p2", title: "T" }] });
  expect(errors(moved)).toEqual([["t", "validation_failed", "/project"]]);
  const [id, second] = [idOf(first, "task", "t"), idOf(first, "project", "p2")];
  await team.db.write([
    sql`update tasks set project_id = ${second}, scope = ${scopeOf(second)}, number = 1 where id = ${id}`,
  ]);
  const again = await save({ source, tasks: [{ external_id: "t", project: "p1", title: "New title" }] });
  expect([outcomes(again), kept(again)]).toEqual([["t updated"], { t: ["project"] }]);
  const overwrite = await save({ source, overwrite: true, tasks: [{ external_id: "t", project: "p1", title: "T" }] });
  expect(errors(overwrite)).toEqual([["t", "validation_failed", "/project"]]);
  expect(overwrite.results[0]?.error?.errors?.[0]?.message).toStartWith("People have moved the task");
});

test("an erased user's ties go, and so does what they imported", async () => {
  const [source, own] = [newSource(), newSource()];
  const gone = await team.person("gone");
  await save({ source, users: [{ external_id: "gone@example.com", username: "gone" }] });
  await save({ source: own, tasks: [{ external_id: "t", title: "T" }] }, gone);
  await team.apply("user.erased", { user_id: gone.user_id, session_ids: [] });
  expect(await rowsOf(team.db, sql`select external_id from imported where source in (${source}, ${own})`)).toEqual([]);
});

test("a project's time zone and working days follow the source, unless people have changed them; null is what a new one has", async () => {
  const source = newSource();
  const give = (more: object = {}, over = {}) =>
    save({ source, projects: [{ external_id: "p", name: "Days", ...more }], ...over });
  const id = idOf(await give({ timezone: "Asia/Tokyo", working_days: [3, 1, 2] }), "project", "p");
  const days = async () => {
    const { body } = await team.ask<Project>("GET", `/projects/${id}`, { as: team.ada });
    return [body.timezone, body.working_days.join("")];
  };
  expect(await days()).toEqual(["Asia/Tokyo", "123"]);
  expect(outcomes(await give({ working_days: [1, 2, 3] }))).toEqual(["p unchanged"]);
  expect(outcomes(await give({ timezone: "Asia/Seoul" }))).toEqual(["p updated"]);
  expect(await days()).toEqual(["Asia/Seoul", "123"]);
  await team.ask("PATCH", `/projects/${id}`, { as: team.ada, body: { timezone: "UTC", working_days: [7] } });
  const again = await give({ timezone: "Asia/Seoul", working_days: [1] });
  expect([outcomes(again), kept(again)]).toEqual([["p unchanged"], { p: ["timezone", "working_days"] }]);
  expect(await days()).toEqual(["UTC", "7"]);
  const over = await give({ timezone: "Asia/Seoul", working_days: null }, { overwrite: true });
  expect([outcomes(over), await days()]).toEqual([["p updated"], ["Asia/Seoul", "12345"]]);
  expect(outcomes(await give({ timezone: null }))).toEqual(["p updated"]);
  expect(await days()).toEqual(["UTC", "12345"]);
  const project = { external_id: "q", name: "Q", timezone: null };
  const fresh = idOf(await save({ source, projects: [project] }), "project", "q");
  const { body } = await team.ask<Project>("GET", `/projects/${fresh}`, { as: team.ada });
  expect([body.timezone, body.working_days]).toEqual(["UTC", [1, 2, 3, 4, 5]]);
  const wrong = { external_id: "r", name: "R", timezone: "Mars/Olympus" };
  expect((await post({ source, projects: [wrong] })).status).toBe(422);
});
