import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { newId, sql } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { rowsOf } from "@stoa/testing";
import type { Asker, Identity, Newcomer, Welcome } from "../newcomers/newcomer.ts";
import type { Project } from "../projects/schema.ts";
import { errors, idOf, importer, newSource, outcomes } from "../test/importer.ts";
import { startTeam, type Team } from "../test/team.ts";
import type { DataSave } from "./schema.ts";

/** Identity, in memory: whom it was asked for, and whom it has added. */
class People implements Identity {
  readonly added = new Map<string, string>();
  readonly asked: { asker: Asker; people: readonly Newcomer[]; dry_run: boolean }[] = [];
  /** Refuses these names. */
  taken = new Set<string>();
  away = false;
  /** Told of each who is added. */
  onAdded: (user_id: string, person: Newcomer) => Promise<void> = async () => undefined;

  async addPeople(asker: Asker, people: readonly Newcomer[], dry_run: boolean): Promise<Welcome[]> {
    if (this.away) throw new StoaError("unavailable");
    this.asked.push({ asker, people, dry_run });
    return Promise.all(people.map((person) => this.#welcome(person, dry_run)));
  }

  async #welcome(person: Newcomer, dry_run: boolean): Promise<Welcome> {
    const name = person.email?.toLowerCase() ?? person.username ?? "";
    if (this.taken.has(name)) return { refused: new StoaError("email_taken") };
    const user_id = this.added.get(name) ?? (dry_run ? null : newId());
    if (user_id !== null && !this.added.has(name)) {
      this.added.set(name, user_id);
      await this.onAdded(user_id, person);
    }
    return { user_id };
  }
}

const people = new People();
let team: Team;
let save: ReturnType<typeof importer>["save"];
let post: ReturnType<typeof importer>["post"];
let lastSeq: ReturnType<typeof importer>["lastSeq"];
beforeAll(async () => {
  team = await startTeam({ identity: people });
  ({ save, post, lastSeq } = importer(team));
});
beforeEach(() => {
  people.asked.length = 0;
  people.added.clear();
  people.taken = new Set();
  people.away = false;
  people.onAdded = async () => undefined;
});
afterAll(() => team.close());

/** A project of two people whom nobody knows, with a task for each. */
const payload = (source: string): DataSave => ({
  source,
  users: [
    { external_id: "n", email: "Nina@example.com", full_name: "Nina Simone" },
    { external_id: "o", username: "otis" },
  ],
  projects: [{ external_id: "p", name: "Songs", members: ["n", "o"].map((user) => ({ user, role: "developer" })) }],
  tasks: ["n", "o"].map((user) => ({ external_id: user, project: "p", title: `For ${user}` })),
  assignees: ["n", "o"].map((user) => ({ external_id: user, task: user, user })),
});

describe("people who exist nowhere", () => {
  test("are added by a superuser's save, and are members and assignees before the directory has them", async () => {
    const source = newSource();
    const saved = await save(payload(source), team.root);
    expect(saved.totals).toEqual({ created: 7, updated: 0, unchanged: 0, failed: 0 });
    const [nina, otis] = [people.added.get("nina@example.com") ?? "", people.added.get("otis") ?? ""];
    expect([idOf(saved, "user", "n"), idOf(saved, "user", "o")]).toEqual([nina, otis]);
    const { body } = await team.ask<Project>("GET", `/projects/${idOf(saved, "project", "p")}`, { as: team.root });
    expect(body.members.map(({ user_id }) => user_id).toSorted()).toEqual([team.root.user_id, nina, otis].toSorted());
    expect((await team.read(idOf(saved, "task", "n"), team.root)).assignee_ids).toEqual([nina]);
    expect(people.asked.map(({ people, dry_run }) => [people.length, dry_run])).toEqual([[2, false]]);
    expect(people.asked[0]?.people[0]).toMatchObject({ email: "Nina@example.com", full_name: "Nina Simone" });
  });

  test("are in no answer and no event by name or address", async () => {
    const seq = await lastSeq();
    const saved = await save(payload(newSource()), team.root);
    const events = await rowsOf(team.db, sql`select * from journal where seq > ${seq}`);
    const records = await rowsOf(team.db, sql`select * from imported where owner_id = ${team.root.user_id}`);
    expect(events.length).toBeGreaterThan(5);
    for (const name of ["nina", "otis", "simone", "@example"]) {
      expect(JSON.stringify([saved, events, records]).toLowerCase()).not.toContain(name);
    }
  });

  test("are the same people in the same payload again, and then nothing is written", async () => {
    const source = newSource();
    const first = await save(payload(source), team.root);
    const seq = await lastSeq();
    const again = await save(payload(source), team.root);
    expect(again.totals).toEqual({ created: 0, updated: 0, unchanged: 7, failed: 0 });
    expect(idOf(again, "user", "n")).toBe(idOf(first, "user", "n"));
    expect([await lastSeq(), people.added.size]).toEqual([seq, 2]);
  });

  test("are nobody's concern once the directory has them", async () => {
    people.onAdded = (user_id, { username = "", email }) =>
      team
        .apply("user.registered", {
          ...{ user_id, username, full_name: null, is_superuser: false, roles: [] },
          source: "import",
        })
        .then(() => (email ? team.apply("user.email_verified", { user_id, email }) : undefined));
    const users = [
      { external_id: "m", email: "miles@example.com", username: "miles" },
      { external_id: "c", username: "coltrane" },
    ];
    const body = { source: newSource(), users };
    expect((await save(body, team.root)).totals.created).toBe(2);
    people.asked.length = 0;
    expect((await save(body, team.root)).totals.unchanged).toBe(2);
    expect(people.asked).toEqual([]);
  });

  test("are two items of one person where two name the same", async () => {
    const users = [
      { external_id: "a", email: "twin@example.com" },
      { external_id: "b", email: "TWIN@example.com" },
    ];
    for (const dry_run of [true, false]) {
      const saved = await save({ source: "twins", users, dry_run }, team.root);
      expect(outcomes(saved)).toEqual(["a created", "b created"]);
      expect(idOf(saved, "user", "a")).toBe(idOf(saved, "user", "b"));
    }
    const members = ["a", "b"].map((user) => ({ user, role: "viewer" as const }));
    const twice = await save({ source: "twins", projects: [{ external_id: "p", name: "P", members }] }, team.root);
    expect(errors(twice)).toEqual([["p", "validation_failed", "/members/1/user"]]);
  });
});

describe("nobody is added", () => {
  test("by anybody else: their items fail, as does what refers to them, and identity is not asked", async () => {
    const saved = await save(payload(newSource()));
    expect(errors(saved).slice(0, 2)).toEqual([
      ["n", "not_found", undefined],
      ["o", "not_found", undefined],
    ]);
    expect([saved.totals.failed, people.asked.length]).toEqual([7, 0]);
  });

  test("by a dry run, which says who would be, without an id, and lets the rest refer to them", async () => {
    const seq = await lastSeq();
    const dry = await save({ ...payload(newSource()), dry_run: true }, team.root);
    expect(dry.totals).toEqual({ created: 7, updated: 0, unchanged: 0, failed: 0 });
    expect(new Set(dry.results.map(({ id }) => id))).toEqual(new Set([null]));
    expect([people.added.size, await lastSeq()]).toEqual([0, seq]);
  });

  test("for an item that names somebody by id, that names nobody, or whose external id stands twice", async () => {
    const users = [
      { external_id: "id", user_id: newId(), username: "otis" },
      { external_id: "none", full_name: "Nobody" },
      { external_id: "same", username: "otis" },
      { external_id: "same", username: "otto" },
    ];
    const saved = await save({ source: newSource(), users }, team.root);
    expect(errors(saved).map(([id, code]) => [id, code])).toEqual([
      ["id", "not_found"],
      ["none", "validation_failed"],
      ["same", "validation_failed"],
      ["same", "validation_failed"],
    ]);
    expect(people.asked).toEqual([]);
  });

  test("with all_or_none for a payload of which anything else fails, or whom identity refuses", async () => {
    const source = newSource();
    const seq = await lastSeq();
    const body = { ...payload(source), all_or_none: true };
    const bad = [...(body.tasks ?? []), { external_id: "bad", project: "nowhere", title: "Bad" }];
    const failed = await post({ ...body, tasks: bad }, team.root);
    expect([failed.status, failed.body.error_code]).toEqual([422, "import_failed"]);
    expect(failed.body.totals).toEqual({ created: 7, updated: 0, unchanged: 0, failed: 1 });
    expect(failed.body.results.filter(({ id }) => id !== null)).toEqual([]);
    people.taken.add("nina@example.com");
    expect((await post(body, team.root)).status).toBe(422);
    expect([people.added.size, await lastSeq()]).toEqual([0, seq]);
    people.taken.clear();
    expect((await save(body, team.root)).totals.created).toBe(7);
    expect(people.asked.map(({ dry_run }) => dry_run)).toEqual([true, true, true, false]);
  });

  test("while identity is away: 503 with Retry-After, and nothing is written; what needs nobody is saved", async () => {
    people.away = true;
    const seq = await lastSeq();
    const source = newSource();
    for (const more of [{}, { all_or_none: true }, { dry_run: true }]) {
      const answer = await post({ ...payload(source), ...more }, team.root);
      expect([answer.status, answer.body.error_code, answer.headers.get("retry-after")]).toEqual([
        503,
        "unavailable",
        "1",
      ]);
    }
    expect(await lastSeq()).toBe(seq);
    const known = { source, users: [{ external_id: "g", username: "grace" }] };
    expect(outcomes(await save(known, team.root))).toEqual(["g created"]);
  });
});

test("whom identity refuses fails with its reason, and what refers to them; the others are saved", async () => {
  people.taken.add("nina@example.com");
  const saved = await save(payload(newSource()), team.root);
  expect(errors(saved)).toEqual([
    ["n", "email_taken", undefined],
    ["p", "not_found", "/members/0/user"],
    ["n", "not_found", "/project"],
    ["o", "not_found", "/project"],
    ["n", "not_found", "/task"],
    ["o", "not_found", "/task"],
  ]);
  expect(outcomes(saved)[1]).toBe("o created");
});

test("who registered a moment ago is whom the directory says, though identity calls the address taken", async () => {
  const someone = await team.person("late", { known: false });
  people.taken.add("late@example.com");
  const { addPeople } = people;
  people.addPeople = async (...asked) => {
    const welcomes = await addPeople.apply(people, asked);
    await team.register(someone);
    await team.apply("user.email_verified", { user_id: someone.user_id, email: "late@example.com" });
    return welcomes;
  };
  const saved = await save(
    { source: newSource(), users: [{ external_id: "l", email: "late@example.com" }] },
    team.root,
  );
  people.addPeople = addPeople;
  expect(idOf(saved, "user", "l")).toBe(someone.user_id);
});

test("an item that meant another person before is updated, in a dry run without an id", async () => {
  const source = newSource();
  await save({ source, users: [{ external_id: "x", username: "grace" }] }, team.root);
  const now = { source, users: [{ external_id: "x", username: "gracious" }] };
  const dry = await save({ ...now, dry_run: true }, team.root);
  expect(dry.results[0]).toMatchObject({ outcome: "updated", id: null });
  const saved = await save(now, team.root);
  expect(saved.results[0]).toMatchObject({ outcome: "updated", id: people.added.get("gracious") ?? "" });
});

test("identity is asked with the token of whoever saves, in their request", async () => {
  const headers = { "x-request-id": "request-4711" };
  await team.ask("POST", "/data/save", { as: team.root, headers, body: payload(newSource()) });
  const { asker } = people.asked[0] ?? {};
  expect(asker?.authorization).toBe(`Bearer ${team.root.token_id}`);
  expect([asker?.cause.request_id, asker?.cause.actor_id]).toEqual(["request-4711", team.root.user_id]);
});
