import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import type { OrganizationRole } from "@stoa/events";
import type { Page } from "@stoa/http";
import fc from "fast-check";
import type { Project } from "../projects/schema.ts";
import type { Task } from "../tasks/schema.ts";
import { scopeOf } from "../tasks/scope.ts";
import { startTeam, type Team } from "../test/team.ts";
import type { Person } from "../test/world.ts";
import type { Tombstone } from "./schema.ts";

let team: Team;
beforeAll(async () => {
  team = await startTeam();
});
afterAll(() => team.close());

type Item = Task | Tombstone;

/** All pages of a list. */
async function all<T extends Item>(as: Person, query: string): Promise<T[]> {
  const found: T[] = [];
  for (let cursor = ""; ; ) {
    const { body } = await team.ask<Page<T>>("GET", `/tasks?limit=4${query}${cursor}`, { as });
    found.push(...body.items);
    if (body.next_cursor === null) return found;
    cursor = `&cursor=${body.next_cursor}`;
  }
}

/** A moment after everything that was done, and before everything that will be. */
async function moment(): Promise<string> {
  const before = Date.now();
  while (Date.now() === before) await new Promise(setImmediate);
  return new Date().toISOString();
}

const changes = (as: Person, since: string, query = "") => all<Item>(as, `&updated_since=${since}${query}`);
const ids = (items: readonly Item[]) => items.map(({ id }) => id).toSorted();
const gone = (items: readonly Item[]) => items.filter((item) => !("title" in item));

describe("what has changed since", () => {
  test("a deleted task is a tombstone for everyone who could see it, nothing more, and a task again once restored", async () => {
    const { id: project_id } = await team.project();
    const { id } = await team.task(team.ada, { project_id, title: "Secret" });
    const since = await moment();
    await team.ask("DELETE", `/tasks/${id}`, { as: team.grace });
    for (const as of [team.ada, team.grace, team.linus, team.root]) {
      const found = await changes(as, since, `&project_id=${project_id}`);
      expect(found).toEqual([{ id, version: 2, deleted_at: expect.any(String) }]);
    }
    expect(await changes(team.eve, since)).toEqual([]);
    await team.ask("POST", `/tasks/${id}/restore`, { as: team.grace });
    expect(await changes(team.linus, since)).toEqual([expect.objectContaining({ id, title: "Secret" })]);
  });

  test("who loses access gets tombstones, who gets it gets what was there before", async () => {
    const { id: project_id } = await team.project();
    const { id } = await team.task(team.ada, { project_id, title: "Ours" });
    const since = await moment();
    await team.ask("DELETE", `/projects/${project_id}/users/${team.linus.user_id}`, { as: team.ada });
    await team.ask("POST", `/projects/${project_id}/users`, {
      as: team.ada,
      body: { username: "eve", role: "viewer" },
    });
    expect(await changes(team.linus, since)).toEqual([{ id, version: 1, deleted_at: expect.any(String) }]);
    expect(await changes(team.eve, since)).toEqual([expect.objectContaining({ id, title: "Ours" })]);
    expect(await changes(team.ada, since)).toEqual([]);
  });

  test("who becomes a superuser gets everything, who is none any more gets tombstones of all that is not theirs", async () => {
    const nina = await team.person("nina");
    const { id: project_id } = await team.project();
    const { id } = await team.task(team.ada, { project_id, title: "Ours" });
    const purged = await team.task(team.ada, { project_id });
    const own = await team.task(nina, { title: "Mine" });
    const alien = await team.task(team.eve, { title: "Eve's" });
    const [before, within] = [await moment(), `&project_id=${project_id}`];
    await team.setSuperuser(nina, true);
    const gained = await changes(nina, before);
    expect(ids(gained)).toEqual(expect.arrayContaining([id, purged.id, own.id, alien.id]));
    expect(ids(await changes(nina, before, within))).toEqual([id, purged.id].toSorted());
    const since = await moment();
    await team.setSuperuser(nina, false);
    await team.db.write([sql`delete from tasks where id = ${purged.id}`]);
    const lost = await changes(nina, since);
    expect(ids(gone(lost))).toEqual(expect.arrayContaining([id, purged.id, alien.id]));
    expect(ids(gone(lost))).not.toContain(own.id);
    expect(ids(gone(await changes(nina, since, within)))).toEqual([id, purged.id].toSorted());
    const later = new Date(Date.now() + 120_000).toISOString();
    expect(await changes(nina, later)).toEqual([]);
  });

  test("a former superuser is told nothing of tasks that were made long after", async () => {
    const nina = await team.person("olga");
    const since = await moment();
    await team.setSuperuser(nina, true);
    await team.setSuperuser(nina, false);
    const { id } = await team.task(team.eve, { title: "Eve's" });
    expect(ids(await changes(nina, since))).toContain(id);
    await team.db.write([sql`update tasks set created_at = '2999-01-01T00:00:00.000Z' where id = ${id}`]);
    expect(ids(await changes(nina, since))).not.toContain(id);
    await team.db.write([sql`delete from tasks where id = ${id}`]);
  });

  test("a purged task stays gone for whoever could see it, and for nobody else", async () => {
    const { id: project_id } = await team.project();
    const { id } = await team.task(team.ada, { project_id });
    const since = await moment();
    await team.db.write([sql`delete from tasks where id = ${id}`]);
    expect(await changes(team.linus, since)).toEqual([{ id, version: 2, deleted_at: expect.any(String) }]);
    expect(await changes(team.eve, since, `&project_id=${project_id}`)).toEqual([]);
    await team.db.write([sql`delete from projects where id = ${project_id}`]);
    expect(ids(await changes(team.linus, since))).toEqual([id]);
  });

  test("what an event of another service changes late is told to whoever has read since that event", async () => {
    const organization_id = newId();
    const { ada, linus } = team;
    const joan = await team.person("joan");
    const owned = { organization_id, name: "Late", slug: organization_id };
    await team.apply("organization.created", { ...owned, owner_id: ada.user_id });
    const body = { name: "Late", organization_id };
    const { id: theirs } = (await team.ask<Project>("POST", "/projects", { as: ada, body })).body;
    const { id: trashed } = await team.task(ada, { project_id: theirs });
    const { id: project_id } = await team.project();
    const member = { username: "joan", role: "viewer" };
    await team.ask("POST", `/projects/${project_id}/users`, { as: ada, body: member });
    const { id: left } = await team.task(ada, { project_id, assignee_ids: [joan.user_id] });
    const before = await moment();
    const since = await moment();
    await team.apply("user.erased", { user_id: joan.user_id, session_ids: [] }, before);
    expect(await changes(linus, since)).toEqual([expect.objectContaining({ id: left, assignee_ids: [] })]);
    await team.apply("organization.deleted", { organization_id, name: "Late" }, before);
    expect(ids(gone(await changes(ada, since, `&project_id=${theirs}`)))).toEqual([trashed]);
  });

  test("a personal task concerns its creator alone, also when it is purged", async () => {
    const since = await moment();
    const { id } = await team.task(team.eve, { title: "Mine" });
    await team.db.write([sql`delete from tasks where id = ${id}`]);
    expect(ids(await changes(team.eve, since))).toEqual([id]);
    expect(await changes(team.linus, since)).toEqual([]);
  });

  test("a task that went to another project is gone from the first, and changed for who sees the second", async () => {
    const [from, to] = [await team.project(), await team.project()];
    await team.ask("DELETE", `/projects/${to.id}/users/${team.linus.user_id}`, { as: team.ada });
    const { id } = await team.task(team.ada, { project_id: from.id });
    const since = await moment();
    await team.db.write([
      sql`update tasks set project_id = ${to.id}, scope = ${scopeOf(to.id)}, version = 2, updated_at = ${new Date().toISOString()} where id = ${id}`,
    ]);
    const tombstone = { id, version: 2, deleted_at: expect.any(String) };
    expect(await changes(team.ada, since, `&project_id=${from.id}`)).toEqual([tombstone]);
    const moved = [expect.objectContaining({ id, project_id: to.id })];
    expect(await changes(team.ada, since, `&project_id=${from.id},${to.id}`)).toEqual(moved);
    expect(await changes(team.ada, since)).toEqual(moved);
    for (const query of ["", `&project_id=${from.id},${to.id}`]) {
      expect(await changes(team.linus, since, query)).toEqual([tombstone]);
    }
  });

  test.each(["created_at", "-created_at", "updated_at", "-updated_at", "due_at", "-priority", "rank"])(
    "goes page by page in the order %s, tombstones among the rest, and counts both",
    async (sort) => {
      const { id: project_id } = await team.project();
      const since = await moment();
      const made: string[] = [];
      for (let n = 0; n < 9; n++) made.push((await team.task(team.ada, { project_id })).id);
      for (const id of made.slice(0, 3)) await team.ask("DELETE", `/tasks/${id}`, { as: team.ada });
      await team.db.write([sql`delete from tasks where id = ${made[0] ?? ""}`]);
      const query = `&project_id=${project_id}&sort=${sort}`;
      const found = await changes(team.linus, since, query);
      expect(ids(found)).toEqual(made.toSorted());
      expect(ids(gone(found))).toEqual(made.slice(0, 3).toSorted());
      const { body } = await team.ask<Page<Item>>("GET", `/tasks?updated_since=${since}&count=true${query}`, {
        as: team.linus,
      });
      expect(body.total).toBe(9);
    },
  );

  test("what is gone is told whatever the filter says of it; a filter narrows what is there", async () => {
    const { id: project_id } = await team.project();
    const [gone, kept] = [
      await team.task(team.ada, { project_id, labels: ["l1"] }),
      await team.task(team.ada, { project_id, labels: ["l1"] }),
    ];
    const since = await moment();
    await team.ask("PATCH", `/tasks/${gone.id}`, { as: team.ada, body: { labels: [] } });
    await team.ask("DELETE", `/tasks/${gone.id}`, { as: team.ada });
    await team.ask("PATCH", `/tasks/${kept.id}`, { as: team.ada, body: { title: "Kept" } });
    for (const filter of ["&label=l1", "&label=l1&status=pending", "&is_blocked=false&label=l1"]) {
      expect(ids(await changes(team.linus, since, filter))).toEqual([gone.id, kept.id].toSorted());
    }
    expect(ids(await changes(team.linus, since, "&status=completed"))).toEqual([gone.id]);
  });

  test("is read with one statement, however much has changed", async () => {
    const { id: project_id } = await team.project();
    for (let n = 0; n < 3; n++) await team.task(team.ada, { project_id });
    const statements = await team.statementsOf(() =>
      changes(team.linus, "2020-01-01T00:00:00Z", `&project_id=${project_id}`),
    );
    expect(statements).toHaveLength(1);
  });
});

/** A client that reads everything once, and changes from then on. */
function follower(as: Person, query: string) {
  const known = new Map<string, Task>();
  let since = "2020-01-01T00:00:00Z";
  return {
    known,
    async sync() {
      const begun = new Date().toISOString();
      for (const item of await changes(as, since, query)) {
        if ("title" in item) known.set(item.id, item);
        else known.delete(item.id);
      }
      since = begun;
    },
    everything: () => all<Task>(as, query),
  };
}

test("a client that only ever reads changes has what a full read gives, whoever joins, leaves, deletes, restores and is a superuser meanwhile", async () => {
  const organization_id = newId();
  const { ada, eve, grace, linus, root } = team;
  const people = [ada, eve, grace, linus];
  const [first, second] = [await team.project("First"), await team.project("Second")];
  await team.apply("organization.created", {
    organization_id,
    name: "Engines",
    slug: organization_id,
    owner_id: ada.user_id,
  });
  const third = (await team.ask<Project>("POST", "/projects", { as: ada, body: { name: "Third", organization_id } }))
    .body;
  const projects = [first, second, third];
  const followers = [...people.map((as) => follower(as, "")), follower(linus, `&project_id=${first.id}`)];
  const made: string[] = [];
  const inside = new Set<Person>();
  const steps: ((n: number) => Promise<unknown>)[] = [
    async (n) => made.push((await team.task(root, { project_id: projects[n % 3]?.id ?? null, title: `${n}` })).id),
    async (n) => made.push((await team.task(people[n % 4] ?? ada, { title: `own ${n}` })).id),
    (n) => team.ask("PATCH", `/tasks/${made[n % made.length]}`, { as: root, body: { title: `changed ${n}` } }),
    (n) => team.ask("DELETE", `/tasks/${made[n % made.length]}`, { as: root }),
    (n) => team.ask("POST", `/tasks/${made[n % made.length]}/restore`, { as: root }),
    (n) => team.db.write([sql`delete from tasks where deleted_at is not null and id = ${made[n % made.length] ?? ""}`]),
    (n) =>
      team.ask("POST", `/projects/${projects[n % 3]?.id}/users`, {
        as: root,
        body: { user_id: people[n % 4]?.user_id, role: "viewer" },
      }),
    (n) => team.ask("DELETE", `/projects/${projects[n % 3]?.id}/users/${people[n % 4]?.user_id}`, { as: root }),
    async (n) => {
      const someone = people[n % 4] ?? ada;
      const role: OrganizationRole = "member";
      const about = { organization_id, name: "Engines", user_id: someone.user_id, invitation_id: null };
      if (inside.delete(someone)) await team.apply("organization.member_removed", { ...about, role });
      else {
        inside.add(someone);
        await team.apply("organization.member_added", { ...about, role });
      }
    },
    (n) => team.setSuperuser(people[n % 4] ?? ada, n % 8 < 4),
    (n) => team.ask(n % 2 ? "DELETE" : "POST", `/projects/${second.id}${n % 2 ? "" : "/restore"}`, { as: root }),
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(steps.length - 1), fc.nat(1_000), fc.nat(4)), { minLength: 5, maxLength: 40 }),
      async (walk) => {
        for (const [step, n, who] of walk) {
          if (made.length === 0) await steps[0]?.(n);
          await steps[step]?.(n);
          await followers[who]?.sync();
        }
        for (const one of followers) {
          await one.sync();
          expect([...one.known.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(
            (await one.everything()).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
          );
        }
      },
    ),
    { numRuns: 12 },
  );
});
