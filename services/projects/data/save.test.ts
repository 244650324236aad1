import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { sql } from "@stoa/db";
import { eventCatalogue } from "@stoa/events";
import { rowsOf } from "@stoa/testing";
import type { Project } from "../projects/schema.ts";
import type { Task, TaskLogEntry } from "../tasks/schema.ts";
import { idOf, importer, newSource, outcomes, wholePayload } from "../test/importer.ts";
import { startTeam, type Team } from "../test/team.ts";

let team: Team;
let save: ReturnType<typeof importer>["save"];
let lastSeq: ReturnType<typeof importer>["lastSeq"];
let eventsSince: ReturnType<typeof importer>["eventsSince"];
beforeAll(async () => {
  team = await startTeam();
  ({ save, lastSeq, eventsSince } = importer(team));
});
afterAll(() => team.close());

const whole = (source: string) => wholePayload(team, source);

describe("a payload", () => {
  test("makes users' ties, projects with members, tasks with parents, and assignments, whatever their order", async () => {
    const saved = await save(whole(newSource()));
    expect(saved.totals).toEqual({ created: 9, updated: 0, unchanged: 0, failed: 0 });
    expect(outcomes(saved).slice(2, 6)).toEqual(["p1 created", "t3 created", "t2 created", "t1 created"]);
    const { body: project } = await team.ask<Project>("GET", `/projects/${idOf(saved, "project", "p1")}`, {
      as: team.ada,
    });
    expect(project).toMatchObject({ name: "Lighthouse", key: "LIG", description: "On the cliff", version: 3 });
    expect(project.members.map(({ username, role }) => [username, role])).toEqual([
      ["ada", "owner"],
      ...[
        ["grace", "developer"],
        ["linus", "viewer"],
      ].toSorted(),
    ]);
    const [t1, t2, t3, mine] = await Promise.all(
      ["t1", "t2", "t3", "mine"].map((id) => team.read(idOf(saved, "task", id))),
    );
    expect(t1).toMatchObject({ key: "LIG-1", number: 1, status: "in_progress", priority: "urgent", parent_id: null });
    expect(t1?.started_at).toBe(t1?.created_at as string);
    expect(t2).toMatchObject({ key: "LIG-2", parent_id: t1?.id, labels: ["lamp", "night"], version: 3 });
    expect(t2?.assignee_ids).toEqual([team.grace.user_id, team.linus.user_id]);
    expect(t3).toMatchObject({ key: "LIG-3", parent_id: t2?.id, priority: "medium", status: "pending" });
    expect(mine).toMatchObject({ key: null, number: null, project_id: null, due_at: "2026-12-01T09:00:00.000Z" });
    expect([t1?.rank ?? "", t2?.rank ?? "", t3?.rank ?? ""]).toEqual(
      [t1?.rank ?? "", t2?.rank ?? "", t3?.rank ?? ""].toSorted(),
    );
    // By label and assignee they are found as if made by hand.
    const found = async (query: string) =>
      (await team.ask<{ items: Task[] }>("GET", `/tasks?project_id=${project.id}&${query}`, { as: team.ada })).body
        .items;
    expect((await found("label=night")).map(({ id }) => id)).toEqual([t2?.id ?? ""]);
    expect((await found(`assignee_id=${team.linus.user_id}`)).map(({ id }) => id)).toEqual([t2?.id ?? ""]);
    expect((await found("q=repair%20the")).map(({ id }) => id)).toEqual([t2?.id ?? ""]);
    // The next task made by hand counts on.
    expect(await team.task(team.ada, { project_id: project.id })).toMatchObject({ key: "LIG-4" });
  });

  test("sent again changes nothing, and appends no event", async () => {
    const body = whole(newSource());
    const first = await save(body);
    const [seq, rows] = [await lastSeq(), await rowsOf(team.db, sql`select * from imported`)];
    const again = await save(body);
    expect(again.totals).toEqual({ created: 0, updated: 0, unchanged: 9, failed: 0 });
    expect(again.results.map(({ id }) => id)).toEqual(first.results.map(({ id }) => id));
    expect(await lastSeq()).toBe(seq);
    expect(await rowsOf(team.db, sql`select * from imported`)).toEqual(rows);
  });

  test("has the events of the single routes with source import, closed as the catalogue says, and a summary at the end", async () => {
    const seq = await lastSeq();
    const saved = await save(whole(newSource()));
    const events = await eventsSince(seq);
    expect(events.map(({ type }) => type)).toEqual([
      "project.created",
      "project.member_added",
      "project.member_added",
      "task.created",
      "task.created",
      "task.created",
      "task.created",
      "task.assigned",
      "task.assigned",
      "import.saved",
    ]);
    const known: Record<string, Parameters<typeof Value.Check>[0]> = eventCatalogue.projects;
    for (const { type, data, actor_id } of events) {
      expect([type, ...Value.Errors(known[type] as never, JSON.parse(data))]).toEqual([type]);
      expect(actor_id).toBe(team.ada.user_id);
    }
    expect(JSON.parse(events.at(-1)?.data ?? "")).toMatchObject({ created: 9, failed: 0 });
    const id = idOf(saved, "task", "t2");
    const own = events.filter(({ entity_id }) => entity_id === id).map(({ data }) => JSON.parse(data));
    expect(own.map(({ key, version }) => [key.split("-")[1], version])).toEqual([
      ["2", 1],
      ["2", 2],
      ["2", 3],
    ]);
    const { body } = await team.ask<{ items: TaskLogEntry[] }>("GET", `/tasks/${id}/logs`, { as: team.ada });
    // One entry of its activity, as of any request.
    expect(body.items.map(({ type, source }) => [type, source])).toEqual([["task.created", "import"]]);
    // By hand a task is changed by a user, as before.
    await team.ask("PATCH", `/tasks/${id}`, { as: team.ada, body: { title: "By hand" } });
    const { body: after } = await team.ask<{ items: TaskLogEntry[] }>("GET", `/tasks/${id}/logs`, { as: team.ada });
    expect(after.items[0]).toMatchObject({ type: "task.updated", source: "user" });
  });

  test("changes what has changed in the source, each with its event", async () => {
    const source = newSource();
    const body = whole(source);
    const first = await save(body);
    const seq = await lastSeq();
    const saved = await save({
      source,
      users: [{ external_id: "u2", username: "eve" }],
      projects: [
        {
          external_id: "p1",
          name: "Lighthouses",
          members: [
            { user: "u1", role: "owner" },
            { user: "u2", role: "viewer" },
          ],
        },
      ],
      tasks: [
        { external_id: "t1", project: "p1", title: "Light it", status: "completed", labels: ["done"] },
        { external_id: "t3", parent: null, title: "Clean the lenses", description: "All" },
        { external_id: "mine", title: "Call the keeper", due_at: null, priority: null },
      ],
      assignees: [{ external_id: "a1", task: "t2", user: "u2" }],
    });
    expect(outcomes(saved)).toEqual([
      "u2 updated",
      "p1 updated",
      "t1 updated",
      "t3 updated",
      "mine updated",
      "a1 updated",
    ]);
    expect((await eventsSince(seq)).map(({ type }) => type)).toEqual([
      "project.updated",
      "project.member_role_changed",
      "project.member_added",
      "task.completed",
      "task.updated",
      "task.updated",
      "task.assigned",
      "import.saved",
    ]);
    const t1 = await team.read(idOf(first, "task", "t1"));
    expect(t1).toMatchObject({ status: "completed", labels: ["done"], version: 2 });
    expect(t1.completed_at).toBe(t1.updated_at);
    expect(await team.read(idOf(first, "task", "t3"))).toMatchObject({ parent_id: null, description: "All" });
    expect((await team.read(idOf(first, "task", "t2"))).assignee_ids).toEqual([team.linus.user_id, team.eve.user_id]);
    expect(
      await rowsOf(
        team.db,
        sql`select label from task_labels where task_row in (select row from tasks where id = ${t1.id})`,
      ),
    ).toEqual([{ label: "done" }]);
    expect((await save({ ...body, users: [], projects: [], tasks: [], assignees: [] })).results).toEqual([]);
  });

  test("of a thousand items is written in twenty batches that take turns with others, and has one summary", async () => {
    const source = newSource();
    const tasks = Array.from({ length: 999 }, (_, i) => ({ external_id: `t${i}`, project: "p", title: `Task ${i}` }));
    const seq = await lastSeq();
    const statements = await team.statementsOf(async () => {
      const saved = await save({ source, projects: [{ external_id: "p", name: "Thousand" }], tasks });
      expect(saved.totals).toEqual({ created: 1000, updated: 0, unchanged: 0, failed: 0 });
      expect(saved.results.map(({ external_id }) => external_id)).toEqual([
        "p",
        ...tasks.map((one) => one.external_id),
      ]);
      expect(await team.read(idOf(saved, "task", "t998"))).toMatchObject({ number: 999, key: "THO-999" });
    });
    const events = await eventsSince(seq);
    expect([events.length, events.at(-1)?.type]).toEqual([1001, "import.saved"]);
    // Those that read, and of each batch: the first event, tasks, counters, events, records.
    expect(statements.length).toBeLessThanOrEqual(7 + 20 * 5 + 4);
  });
});

test("tasks that one save completes are announced once", async () => {
  const source = newSource();
  const tasks = ["t1", "t2", "t3"].map((external_id) => ({ external_id, project: "p1", title: external_id }));
  const projects = [{ external_id: "p1", name: "Completed together" }];
  await save({ source, projects, tasks });
  const { results } = await save({ source, tasks: tasks.map((task) => ({ ...task, status: "completed" as const })) });
  const said = await Promise.all(results.map(({ id }) => team.lastEvent(id ?? "")));
  expect(said.map(({ type, data }) => [type, data["batch"]])).toEqual(
    [1, 2, 3].map((position) => ["task.completed", { position, size: 3 }]),
  );
});
