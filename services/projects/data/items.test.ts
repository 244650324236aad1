import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { rowsOf } from "@stoa/testing";
import { errors, idOf, importer, newSource, outcomes, wholePayload } from "../test/importer.ts";
import { startTeam, type Team } from "../test/team.ts";
import type { DataSave } from "./schema.ts";

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

describe("an item", () => {
  test("with a bad reference fails alone, and says which field", async () => {
    const source = newSource();
    const saved = await save({
      source,
      users: [
        { external_id: "u1", username: "nobody" },
        { external_id: "u2", username: "grace" },
        { external_id: "u3" },
        { external_id: "u4", username: "grace", user_id: team.linus.user_id },
      ],
      projects: [
        { external_id: "p1", name: "Good" },
        { external_id: "p2", name: "Bad", members: [{ user: "u1", role: "viewer" }] },
        {
          external_id: "p3",
          name: "Worse",
          members: [
            { user: "u2", role: "viewer" },
            { user: "u2", role: "owner" },
          ],
        },
      ],
      tasks: [
        { external_id: "t1", project: "p1", title: "Good" },
        { external_id: "t2", project: "p2", title: "Its project failed" },
        { external_id: "t3", project: "p9", title: "No project" },
        { external_id: "t4", project: "p1", parent: "t9", title: "No parent" },
        { external_id: "t5", parent: "t1", title: "The parent is elsewhere" },
        { external_id: "t6", project: "p1", parent: "t7", title: "A circle" },
        { external_id: "t7", project: "p1", parent: "t6", title: "A circle" },
        { external_id: "t8", project: "p1", parent: "t8", title: "Its own parent" },
        { external_id: "t11", project: "p1", parent: "t7", title: "Below a circle" },
      ],
      assignees: [
        { external_id: "a1", task: "t1", user: "u2" },
        { external_id: "a2", task: "t1", user: "u9" },
        { external_id: "a3", task: "t9", user: "u2" },
      ],
      deleted: ["t10"],
    });
    expect(outcomes(saved).filter((one) => !one.endsWith("failed"))).toEqual([
      "u2 created",
      "p1 created",
      "t1 created",
    ]);
    expect(errors(saved)).toEqual([
      ["u1", "not_found", undefined],
      ["u3", "validation_failed", "/user_id"],
      ["u4", "validation_failed", "/username"],
      ["p2", "not_found", "/members/0/user"],
      ["p3", "validation_failed", "/members/1/user"],
      ["t2", "not_found", "/project"],
      ["t3", "not_found", "/project"],
      ["t4", "not_found", "/parent"],
      ["t5", "validation_failed", "/parent"],
      ["t6", "validation_failed", "/parent"],
      ["t7", "validation_failed", "/parent"],
      ["t8", "validation_failed", "/parent"],
      ["t11", "not_found", "/parent"],
      ["a1", "not_a_member", undefined],
      ["a2", "not_found", "/user"],
      ["a3", "not_found", "/task"],
      ["t10", "not_found", ""],
    ]);
    expect(saved.results.find(({ external_id }) => external_id === "t2")).toMatchObject({ id: null });
  });

  test("finds a user by the address that they have verified, whatever its case, and tells nobody's address", async () => {
    const source = newSource();
    const joan = await team.person("joan");
    const { user_id } = joan;
    const named = (more: object = {}) =>
      save({ source, dry_run: true, users: [{ external_id: "j", email: "JOAN@example.com", ...more }] });
    expect(errors(await named())).toEqual([["j", "not_found", undefined]]);
    await team.apply("user.email_verified", { user_id, email: "Joan@Example.com" });
    const saved = await save({
      source,
      users: [{ external_id: "j", email: "joan@example.com" }],
      projects: [{ external_id: "p", name: "Hers", members: [{ user: "j", role: "viewer" }] }],
    });
    expect([outcomes(saved), idOf(saved, "user", "j")]).toEqual([["j created", "p created"], user_id]);
    const { body } = await team.ask("GET", `/projects/${idOf(saved, "project", "p")}`, { as: joan });
    expect(JSON.stringify([saved, body]).toLowerCase()).not.toContain("example.com");
    expect(outcomes(await named({ username: "joan", user_id }))).toEqual(["j unchanged"]);
    expect(errors(await named({ username: "grace" }))).toEqual([["j", "validation_failed", "/email"]]);
    expect(errors(await named({ username: "grace", user_id }))).toEqual([["j", "validation_failed", "/username"]]);
  });

  test("finds nobody by an address that they have no more", async () => {
    const { user_id } = await team.person("mary");
    const found = async (email: string) =>
      outcomes(await save({ source: "s", dry_run: true, users: [{ external_id: "m", email }] }))[0];
    await team.apply("user.email_known", { user_id, email: "mary@example.com" });
    expect(await found("mary@example.com")).toBe("m created");
    await team.apply("user.email_changed", { user_id, email: "m@example.com" });
    expect([await found("mary@example.com"), await found("m@example.com")]).toEqual(["m failed", "m created"]);
    const profile = { user_id, username: "mary", full_name: "Mary" };
    await team.apply("user.updated", { ...profile, changed: ["full_name"] });
    expect(await found("m@example.com")).toBe("m created");
    await team.apply("user.updated", { ...profile, changed: ["email_verified"] });
    expect(await found("m@example.com")).toBe("m failed");
    await team.apply("user.email_verified", { user_id, email: "m@example.com" });
    await team.apply("user.erased", { user_id, session_ids: [] });
    expect(await found("m@example.com")).toBe("m failed");
    await team.apply("user.email_verified", { user_id, email: "m@example.com" });
    expect(await rowsOf(team.db, sql`select email_key from directory where user_id = ${user_id}`)).toEqual([
      { email_key: null },
    ]);
  });

  test("whose external id stands twice in one payload fails, both times; among things of another kind it is free", async () => {
    const source = newSource();
    const saved = await save({
      source,
      projects: [{ external_id: "1", name: "One" }],
      tasks: [
        { external_id: "1", title: "One" },
        { external_id: "2", title: "Two" },
        { external_id: "2", title: "Two too" },
      ],
      deleted: ["3", "3"],
    });
    expect(outcomes(saved)).toEqual(["1 created", "1 created", "2 failed", "2 failed", "3 failed", "3 failed"]);
    expect(errors(saved).map(([, code, path]) => [code, path])).toEqual(
      Array.from({ length: 4 }, () => ["validation_failed", "/external_id"]),
    );
  });

  test("is known for each user and source by itself", async () => {
    const [one, other] = [newSource(), newSource()];
    const body = { source: one, tasks: [{ external_id: "t", title: "Mine" }] };
    const ids = [
      idOf(await save(body), "task", "t"),
      idOf(await save(body, team.grace), "task", "t"),
      idOf(await save({ ...body, source: other }), "task", "t"),
    ];
    expect(new Set(ids).size).toBe(3);
  });

  test("is refused what its user may not do by hand", async () => {
    const source = newSource();
    const body = whole(source);
    const first = await save(body);
    const project_id = idOf(first, "project", "p1");
    const demote = (role: string) =>
      team.ask("POST", `/projects/${project_id}/users`, { as: team.root, body: { user_id: team.ada.user_id, role } });
    await team.ask("POST", `/projects/${project_id}/users`, {
      as: team.ada,
      body: { username: "root", role: "owner" },
    });
    const next: DataSave = {
      source,
      projects: [{ external_id: "p1", name: "Changed" }],
      tasks: [
        { external_id: "t1", title: "Changed" },
        { external_id: "t2", title: "Repair the lamp" },
        { external_id: "new", project: "p1", title: "New" },
      ],
      assignees: [{ external_id: "a9", task: "t1", user: "u1" }],
      deleted: ["t3"],
    };
    await demote("viewer");
    const viewer = await save(next);
    expect(outcomes(viewer)).toEqual([
      "p1 failed",
      "t1 failed",
      "t2 unchanged",
      "new failed",
      "a9 failed",
      "t3 failed",
    ]);
    expect(new Set(errors(viewer).map(([, code]) => code))).toEqual(new Set(["forbidden"]));
    await team.ask("DELETE", `/projects/${project_id}/users/${team.ada.user_id}`, { as: team.root });
    const stranger = await save(next);
    expect(new Set(stranger.results.map(({ error }) => error?.error_code))).toEqual(new Set(["forbidden"]));
    await team.ask("POST", `/projects/${project_id}/users`, {
      as: team.root,
      body: { user_id: team.ada.user_id, role: "developer" },
    });
    expect(outcomes(await save(next))).toEqual([
      "p1 failed",
      "t1 updated",
      "t2 unchanged",
      "new created",
      "a9 created",
      "t3 updated",
    ]);
  });

  test("with a key that is taken, another key than before, or that would leave no owner, fails", async () => {
    const source = newSource();
    const projects = [
      { external_id: "p1", name: "Keyed", key: "kyd" },
      { external_id: "p2", name: "Keyed", key: "KYD" },
      { external_id: "p3", name: "Kyd" },
      { external_id: "p4", name: "Kyd" },
    ];
    const saved = await save({ source, projects });
    expect(errors(saved)).toEqual([["p2", "key_taken", undefined]]);
    const keys = await rowsOf(
      team.db,
      sql`select key from projects where name in ('Keyed', 'Kyd') and owner_scope = ${team.ada.user_id} order by key`,
    );
    expect(keys).toEqual([{ key: "KYD" }, { key: "KYD2" }, { key: "KYD3" }]);
    const again = await save({
      source,
      users: [{ external_id: "me", username: "ada" }],
      projects: [
        { external_id: "p1", name: "Keyed", key: "OTHER" },
        { external_id: "p3", name: "Kyd", members: [{ user: "me", role: "viewer" }] },
        { external_id: "p5", name: "New", members: [{ user: "me", role: "developer" }] },
      ],
    });
    expect(errors(again)).toEqual([
      ["p1", "validation_failed", "/key"],
      ["p3", "last_owner", undefined],
      ["p5", "last_owner", undefined],
    ]);
  });

  test("lies at most five levels deep, and below nothing that lies below it", async () => {
    const source = newSource();
    const chain = [1, 2, 3, 4, 5, 6].map((level) => ({
      external_id: `t${level}`,
      title: `Level ${level}`,
      ...(level > 1 && { parent: `t${level - 1}` }),
    }));
    expect(errors(await save({ source, tasks: chain.toReversed() }))).toEqual([["t6", "validation_failed", "/parent"]]);
    const moved = await save({
      source,
      tasks: [
        { external_id: "t1", title: "Level 1", parent: "t5" },
        { external_id: "t2", title: "Level 2", parent: null },
        { external_id: "top", title: "Above" },
      ],
    });
    expect(errors(moved)).toEqual([["t1", "validation_failed", "/parent"]]);
    // t2 has three levels below it: it may lie below one task, not below two.
    const below = (parent: string) => save({ source, tasks: [{ external_id: "t2", title: "Level 2", parent }] });
    expect(outcomes(await below("top"))).toEqual(["t2 updated"]);
    await save({
      source,
      tasks: [
        { external_id: "over", title: "Over" },
        { external_id: "top2", title: "B", parent: "over" },
      ],
    });
    expect(errors(await below("top2"))).toEqual([["t2", "validation_failed", "/parent"]]);
  });

  test("can be assigned to members alone, and a personal task to its creator", async () => {
    const source = newSource();
    const saved = await save({
      source,
      users: [
        { external_id: "ada", username: "ada" },
        { external_id: "eve", username: "eve" },
      ],
      projects: [{ external_id: "p", name: "P" }],
      tasks: [
        { external_id: "t", project: "p", title: "T" },
        { external_id: "mine", title: "Mine" },
      ],
      assignees: [
        { external_id: "1", task: "t", user: "eve" },
        { external_id: "2", task: "t", user: "ada" },
        { external_id: "3", task: "mine", user: "eve" },
        { external_id: "4", task: "mine", user: "ada" },
      ],
    });
    expect(errors(saved).map(([id, code]) => [id, code])).toEqual([
      ["1", "not_a_member"],
      ["3", "not_a_member"],
    ]);
    // Assigned by hand already: the tie is made, and nothing is said of the task.
    const seq = await lastSeq();
    expect(outcomes(await save({ source, assignees: [{ external_id: "5", task: "t", user: "ada" }] }))).toEqual([
      "5 created",
    ]);
    expect((await eventsSince(seq)).map(({ type }) => type)).toEqual(["import.saved"]);
    // To another task: the one before is taken off.
    const other = await save({ source, assignees: [{ external_id: "2", task: "mine", user: "ada" }] });
    expect(outcomes(other)).toEqual(["2 updated"]);
    expect((await team.read(idOf(saved, "task", "t"))).assignee_ids).toEqual([]);
  });
});
