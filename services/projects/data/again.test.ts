import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { DatabaseError, sql } from "@stoa/db";
import { intercepted, meanwhile, rowsOf } from "@stoa/testing";
import fc from "fast-check";
import { idOf, importer, newSource, outcomes } from "../test/importer.ts";
import { startTeam, type Team } from "../test/team.ts";
import { saveData } from "./save.ts";
import type { DataSave } from "./schema.ts";

let team: Team;
let save: ReturnType<typeof importer>["save"];
let lastSeq: ReturnType<typeof importer>["lastSeq"];
beforeAll(async () => {
  team = await startTeam();
  ({ save, lastSeq } = importer(team));
});
afterAll(() => team.close());

/** A payload of several batches with some of everything: subtasks before their parents, assignments, one bad item. */
function payload(source: string, tasks = 250): DataSave {
  return {
    source,
    users: [
      { external_id: "u1", username: "grace" },
      { external_id: "u2", username: "ada" },
    ],
    projects: [1, 2, 3].map((n) => ({
      external_id: `p${n}`,
      name: `Project ${n}`,
      members: [{ user: "u1", role: "developer" }],
    })),
    tasks: Array.from({ length: tasks }, (_, i) => ({
      external_id: `t${i}`,
      project: `p${(i % 3) + 1}`,
      title: `Task ${i}`,
      labels: [`l${i % 4}`],
      ...(i + 3 < tasks && i % 2 === 0 && { parent: `t${i + 3}` }),
    })),
    assignees: [
      ...Array.from({ length: 40 }, (_, i) => ({ external_id: `a${i}`, task: `t${i}`, user: i % 2 ? "u1" : "u2" })),
      { external_id: "bad", task: "nothing", user: "u1" },
    ],
  };
}

/** All that a source has brought, by its own ids: equal for two saves that came to the same. */
async function stateOf(source: string) {
  const tasks = await rowsOf<Record<string, unknown>>(
    team.db,
    sql`select i.external_id, p.external_id as project, a.external_id as parent, t.title, t.status, t.labels,
        t.assignee_ids, t.version, i.last_values is not null as remembered,
        (select group_concat(label) from task_labels where task_row = t.row) as label_rows,
        (select group_concat(user_id) from task_assignees where task_row = t.row) as assignee_rows,
        (select count(*) from journal where entity_id = t.id) as events
      from imported i join tasks t on t.id = i.entity_id and i.kind = 'task'
        left join imported p on p.entity_id = t.project_id and p.kind = 'project' and p.source = i.source
        left join imported a on a.entity_id = t.parent_id and a.kind = 'task' and a.source = i.source
      where i.source = ${source} order by i.external_id`,
  );
  const projects = await rowsOf(
    team.db,
    sql`select i.external_id, p.name, p.version, c.last_number, c.last_place,
        (select count(*) from tasks where project_id = p.id) as tasks,
        (select count(*) from members where project_id = p.id) as members
      from imported i join projects p on p.id = i.entity_id and i.kind = 'project'
        left join counters c on c.scope_id = p.id
      where i.source = ${source} order by i.external_id`,
  );
  return { tasks, projects };
}

class Killed extends Error {}

/** The writes of a save until one is the last: what comes after a kill never happens. */
function killedAt(write: number, when: "before" | "after") {
  let writes = 0;
  const kill = (moment: "before" | "after") => {
    if (moment === when && writes >= write) throw new Killed("killed");
  };
  return {
    db: intercepted(team.deps.db, {
      write: () => {
        kill("before");
        writes++;
      },
      written: () => kill("after"),
    }),
    count: () => writes,
  };
}

describe("a save that was killed, sent again", () => {
  test("ends as one that was not, with as many events, wherever it was killed", async () => {
    const clean = newSource();
    const began = await lastSeq();
    const whole = killedAt(Number.POSITIVE_INFINITY, "after");
    await saveData({ ...team.deps, db: whole.db }, team.ada.actor, payload(clean));
    const events = (await lastSeq()) - began;
    const wanted = await stateOf(clean);
    expect(whole.count()).toBeGreaterThan(2);
    for (let write = 0; write <= whole.count(); write++) {
      for (const when of ["before", "after"] as const) {
        const source = newSource();
        const before = await lastSeq();
        const { db } = killedAt(write, when);
        const killed = saveData({ ...team.deps, db }, team.ada.actor, payload(source)).catch((error: Error) => error);
        // At the end there is nothing left to kill.
        if (write < whole.count() || (when === "after" && write > 0)) expect(await killed).toBeInstanceOf(Killed);
        else await killed;
        await save(payload(source));
        expect([write, when, (await lastSeq()) - before]).toEqual([write, when, events]);
        expect(await stateOf(source)).toEqual(wanted);
      }
    }
  }, 60_000);

  test("is written once where the answer of the database was lost", async () => {
    const source = newSource();
    const before = await lastSeq();
    let lost = false;
    const db = intercepted(team.deps.db, {
      written: () => {
        if (lost) return;
        lost = true;
        throw new DatabaseError("unknown_outcome", new Error("no answer"));
      },
    });
    const saved = await saveData({ ...team.deps, db }, team.ada.actor, payload(source));
    expect([lost, saved.totals.failed]).toEqual([true, 1]);
    const events = (await lastSeq()) - before;
    expect((await save(payload(source))).totals).toEqual({
      ...saved.totals,
      created: 0,
      unchanged: saved.totals.created,
    });
    expect((await lastSeq()) - before).toBe(events);
  });
});

describe("two saves at once", () => {
  test("of two processes make nothing twice", async () => {
    const source = newSource();
    const body = payload(source);
    const before = await lastSeq();
    // The other process has no turns in common with this one.
    const other = { ...team.deps, db: team.db };
    meanwhile(team.deps.db, () => saveData(other, team.ada.actor, body));
    const late = await saveData(team.deps, team.ada.actor, body);
    expect(late.totals).toMatchObject({ created: 0, unchanged: late.results.length - 1, failed: 1 });
    const state = await stateOf(source);
    const alone = newSource();
    const start = await lastSeq();
    await save(payload(alone));
    expect([start - before, state]).toEqual([(await lastSeq()) - start, await stateOf(alone)]);
  });

  test("of one process wait for each other", async () => {
    const source = newSource();
    const all = await Promise.all([1, 2, 3].map(() => save(payload(source, 120))));
    expect(all.map(({ totals }) => totals.created > 0).toSorted()).toEqual([false, false, true]);
  });
});

describe("what changed between decision and write", () => {
  test("is decided anew: a task that someone edits meanwhile keeps the edit", async () => {
    const source = newSource();
    const id = idOf(await save({ source, tasks: [{ external_id: "t", title: "One" }] }), "task", "t");
    const edit = () => team.ask("PATCH", `/tasks/${id}`, { as: team.ada, body: { title: "By hand" } });
    meanwhile(team.deps.db, edit);
    const saved = await save({ source, tasks: [{ external_id: "t", title: "Two" }] });
    expect(saved.results[0]).toMatchObject({ outcome: "unchanged", kept: ["title"] });
    expect((await team.read(id)).title).toBe("By hand");
  });

  test.each([
    ["the asker's role", "t1 failed", "forbidden", (id: string) => sql`delete from members where project_id = ${id}`],
    [
      "the project",
      "t1 failed",
      "not_found",
      (id: string) => sql`update projects set deleted_at = '2026', deletion_id = 'x' where id = ${id}`,
    ],
  ] as const)("is decided anew: %s", async (_, outcome, code, change) => {
    const source = newSource();
    const id = idOf(await save({ source, projects: [{ external_id: "p", name: "P" }] }), "project", "p");
    meanwhile(team.deps.db, () => team.db.write([change(id)]));
    const saved = await save({ source, tasks: [{ external_id: "t1", project: "p", title: "T" }] });
    expect([outcomes(saved), saved.results[0]?.error?.error_code]).toEqual([[outcome], code]);
  });

  test("is decided anew: a key, a member, a parent, a user", async () => {
    const source = newSource();
    const body = {
      source,
      users: [{ external_id: "g", username: "grace" }],
      projects: [{ external_id: "p", name: "Quay", members: [{ user: "g", role: "viewer" as const }] }],
      tasks: [
        { external_id: "t1", project: "p", title: "T1" },
        { external_id: "t2", project: "p", title: "T2" },
      ],
    };
    meanwhile(team.deps.db, () => team.ask("POST", "/projects", { as: team.ada, body: { name: "Quay", key: "QUA" } }));
    const saved = await save(body);
    const project = idOf(saved, "project", "p");
    expect(await team.read(idOf(saved, "task", "t1"))).toMatchObject({ key: "QUA2-1" });
    meanwhile(team.deps.db, () =>
      team.ask("DELETE", `/projects/${project}/users/${team.grace.user_id}`, { as: team.ada }),
    );
    const assigned = await save({ source, assignees: [{ external_id: "a", task: "t1", user: "g" }] });
    expect(assigned.results[0]?.error?.error_code).toBe("not_a_member");
    const above = idOf(saved, "task", "t1");
    meanwhile(team.deps.db, () => team.ask("DELETE", `/tasks/${above}`, { as: team.ada }));
    const below = await save({ source, tasks: [{ external_id: "t2", title: "T2", parent: "t1" }] });
    expect(below.results[0]?.error?.error_code).toBe("not_found");
    const brief = await team.person("brief");
    meanwhile(team.deps.db, () => team.apply("user.erased", { user_id: brief.user_id, session_ids: [] }));
    const tied = await save({ source, users: [{ external_id: "b", username: "brief" }] });
    expect(tied.results[0]?.error?.error_code).toBe("not_found");
  });
});

test("saved in any parts, in any order, any number of times, it comes to the same", async () => {
  const wanted = newSource();
  const whole = payload(wanted, 30);
  await save(whole);
  const once = await stateOf(wanted);
  const lists = ["users", "projects", "tasks", "assignees"] as const;
  const size = lists.reduce((sum, list) => sum + (whole[list]?.length ?? 0), 0);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: size, maxLength: size }),
      fc.infiniteStream(fc.nat()),
      async (places, order) => {
        const source = newSource();
        const parts: DataSave[] = [0, 1, 2, 3].map(() => ({ source }));
        let at = 0;
        for (const list of lists) {
          const items = (payload(source, 30)[list] ?? []).map((item) => ({ item, by: order.next().value as number }));
          for (const { item } of items.toSorted((a, b) => a.by - b.by)) {
            const part = parts[places[at++] ?? 0] as Record<string, unknown>;
            part[list] = [...((part[list] as unknown[]) ?? []), item];
          }
        }
        // References into parts that come later resolve the next time: each time a level of subtasks at least.
        for (let time = 0; time < 8; time++) for (const part of parts) await save(part);
        const state = await stateOf(source);
        const facts = ({ version: _, events: __, assignee_ids, ...fact }: Record<string, unknown>) => ({
          ...fact,
          assignees: (JSON.parse(String(assignee_ids)) as string[]).toSorted(),
        });
        expect(state.tasks.map(facts)).toEqual(once.tasks.map(facts));
        expect(state.projects).toEqual(once.projects);
      },
    ),
    { numRuns: 15 },
  );
}, 60_000);
