import { describe, expect, test } from "bun:test";
import { insertRow, newId, sql } from "@stoa/db";
import { planOf, testActor } from "@stoa/testing";
import { password, type TestIdentity, testIdentity } from "../test/harness.ts";
import { loginAttempts } from "../throttle/table.ts";
import { listAudit } from "./list.ts";
import type { AuditEntry, AuditQuery } from "./schema.ts";

interface Trail {
  items: AuditEntry[];
  next_cursor: string | null;
  total?: number;
}

async function trail(identity: TestIdentity, query = "", token?: string) {
  return (await identity.call<Trail>("GET", `/auth/audit?${query}`, { token: token ?? (await identity.superuser()) }))
    .body;
}

const failure = (user_id: string | null, time: string) =>
  insertRow(loginAttempts, {
    id: newId(),
    user_id,
    name_hash: "x",
    kind: "password",
    ip_address: "192.0.2.66",
    device_info: "a stranger's",
    request_id: "r-1",
    time,
  });

test("401 to strangers, 403 to users", async () => {
  await using identity = await testIdentity();
  const { token } = await identity.person("ada");
  expect((await identity.call("GET", "/auth/audit")).body.error_code).toBe("unauthorized");
  expect((await identity.call("GET", "/auth/audit", { token })).body.error_code).toBe("forbidden");
});

test("an entry says who did what to whom, from where, with what, in which request", async () => {
  await using identity = await testIdentity();
  const ada = await identity.register("ada");
  const token = await identity.superuser();
  const { user_id, session_id } = await identity.verify(token);
  const headers = { "x-request-id": "disable-ada", "user-agent": "Lynx/2.9" };
  await identity.call("PUT", `/auth/users/${ada.id}/disable`, { token, headers });
  const [entry] = (await trail(identity, "type=user.disabled", token)).items;
  expect(entry).toEqual({
    id: expect.any(String),
    type: "user.disabled",
    actor_id: user_id,
    subject_id: ada.id,
    organization_id: null,
    session_id,
    ip_address: "192.0.2.1",
    device_info: "Lynx/2.9",
    request_id: "disable-ada",
    data: { user_id: ada.id, session_ids: [] },
    occurred_at: expect.stringMatching(/^\d{4}-.*Z$/),
  } as never);
});

describe("the list", () => {
  test("pages through journal and failed logins as one, newest first, and counts both", async () => {
    await using identity = await testIdentity();
    const { user } = await identity.person("ada");
    const token = await identity.superuser();
    await identity.db.write([
      failure(user.id, identity.deps.now().toISOString()),
      failure(null, "2026-01-01T00:00:00.000Z"),
    ]);
    await identity.login("ada");
    const whole = await trail(identity, "limit=100&count=true", token);
    expect(whole.total).toBe(whole.items.length);
    const order = whole.items.map(({ occurred_at, id }) => `${occurred_at} ${id}`);
    expect(order).toEqual(order.toSorted().reverse());
    expect(whole.items.map(({ type }) => type)).toContain("login.failed");
    expect(whole.items.at(-1)?.type).toBe("login.failed");

    const paged: AuditEntry[] = [];
    for (let cursor = ""; ; ) {
      const page = await trail(identity, `limit=3${cursor}`, token);
      paged.push(...page.items);
      if (page.next_cursor === null) break;
      cursor = `&cursor=${page.next_cursor}`;
    }
    expect(paged).toEqual(whole.items);
    expect((await trail(identity, "limit=2&skip=3", token)).items).toEqual(whole.items.slice(3, 5));
  });

  test("narrows down by user, actor, type and time", async () => {
    await using identity = await testIdentity();
    const { user: ada } = await identity.person("ada");
    const { user: grace } = await identity.person("grace");
    const token = await identity.superuser();
    const { user_id: root } = await identity.verify(token);
    await identity.db.write([failure(ada.id, identity.deps.now().toISOString())]);
    await identity.call("PUT", `/auth/users/${ada.id}/disable`, { token });
    const types = async (query: string) => (await trail(identity, query, token)).items.map(({ type }) => type);
    expect(await types(`user_id=${ada.id}`)).toEqual([
      "user.disabled",
      "login.failed",
      "session.started",
      "user.registered",
    ]);
    expect(await types(`user_id=${grace.id}&type=session.started`)).toEqual(["session.started"]);
    expect(await types(`actor_id=${root}&type=user.disabled`)).toEqual(["user.disabled"]);
    expect(await types(`actor_id=${ada.id}`)).toEqual(["session.started"]);
    expect(await types("type=login.failed")).toEqual(["login.failed"]);
    expect(await types("type=nothing.known")).toEqual([]);
    expect(await types("type=user.disabled,login.failed,nothing.known")).toEqual(["user.disabled", "login.failed"]);
    expect(await types(`actor_id=${ada.id},${grace.id}`)).toEqual(["session.started", "session.started"]);
    expect(await types(`user_id=${ada.id},${grace.id}&type=session.started,login.failed`)).toEqual([
      "login.failed",
      "session.started",
      "session.started",
    ]);
    const [disabled] = (await trail(identity, "type=user.disabled", token)).items;
    const moment = disabled?.occurred_at ?? "";
    expect(await types(`type=user.disabled&since=${moment}`)).toEqual(["user.disabled"]);
    expect(await types(`type=user.disabled&until=${moment}`)).toEqual([]);
    const offset = encodeURIComponent(`${new Date(Date.parse(moment) + 3_600_001).toISOString().slice(0, -1)}+01:00`);
    expect(await types(`type=user.disabled&until=${offset}`)).toEqual(["user.disabled"]);
  });

  test("takes `me` for the asker, and `none` for entries without an actor, or of no user", async () => {
    await using identity = await testIdentity();
    const { user: ada } = await identity.person("ada");
    const token = await identity.superuser();
    const { user_id: root } = await identity.verify(token);
    const now = identity.deps.now().toISOString();
    await identity.db.write([failure(ada.id, now), failure(null, now)]);
    await identity.call("PUT", `/auth/users/${ada.id}/disable`, { token });
    const entries = async (query: string) => (await trail(identity, `limit=100&${query}`, token)).items;
    const ids = async (query: string) => (await entries(query)).map(({ id }) => id).sort();
    const whole = await entries("");
    const those = (found: (entry: AuditEntry) => boolean) =>
      whole
        .filter(found)
        .map(({ id }) => id)
        .sort();
    const mine = those(({ actor_id }) => actor_id === root);
    const nobodys = those(({ actor_id }) => actor_id === null);
    expect(await ids("actor_id=me")).toEqual(mine);
    expect(await ids("actor_id=none")).toEqual(nobodys);
    expect(await ids("actor_id=none,me")).toEqual([...mine, ...nobodys].sort());
    expect([mine, nobodys].every(({ length }) => length > 1)).toBe(true);
    expect((await entries("actor_id=none")).map(({ type }) => type)).toContain("login.failed");
    expect((await entries("user_id=me")).every(({ subject_id }) => subject_id === root)).toBe(true);
    const ofNobody = await entries("user_id=none");
    expect(ofNobody.map(({ type }) => type)).toEqual(expect.arrayContaining(["login.failed", "key.activated"]));
    expect(ofNobody.filter(({ data, subject_id }) => "user_id" in data || subject_id === ada.id)).toEqual([]);
    const adas = those(({ subject_id }) => subject_id === ada.id);
    expect(await ids(`user_id=none,${ada.id}`)).toEqual([...adas, ...ofNobody.map(({ id }) => id)].sort());
  });

  test("seeks several users and actors by the indexes by which it seeks one", async () => {
    await using identity = await testIdentity();
    const { deps, db } = identity;
    const sought = async (query: AuditQuery) => {
      const steps = await planOf(db, (asked) => listAudit({ ...deps, db: asked }, testActor("root"), query));
      return steps.flatMap(
        (step) => /(?:SEARCH|SCAN) (?:journal|login_attempts) USING INDEX (.*)/.exec(step)?.[1] ?? [],
      );
    };
    const [ofUser, ofActor] = [
      ["journal_aggregate (aggregate_id=?)", "journal_entity (entity_id=?)", "login_attempts_user (user_id=?)"],
      ["journal_actor (actor_id=?)", "login_attempts_time"],
    ];
    for (const users of [[newId()], [newId(), "me"]]) {
      expect(await sought({ user_id: users })).toEqual(ofUser);
      expect(await sought({ actor_id: users })).toEqual(ofActor);
    }
    expect(await sought({ actor_id: ["none"] })).toEqual(ofActor);
    for (const type of [["user.disabled"], ["user.disabled", "user.enabled"]]) {
      expect(await sought({ type })).toEqual(["journal_time", "login_attempts_time"]);
    }
  });

  test("finds what happened to a user in an organization", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const grace = await identity.register("grace");
    const { body } = await identity.call<{ id: string }>("POST", "/organizations", {
      token,
      body: { name: "Analysts" },
    });
    await identity.call("POST", `/organizations/${body.id}/members`, {
      token,
      body: { user_id: grace.id, role: "member" },
    });
    const [entry] = (await trail(identity, `user_id=${grace.id}&type=organization.member_added`)).items;
    expect(entry).toMatchObject({ subject_id: body.id, organization_id: body.id, data: { user_id: grace.id } });
  });

  test("shows of a redacted row what is left of it", async () => {
    await using identity = await testIdentity();
    const ada = await identity.register("ada");
    await identity.db.write([
      sql`update journal set redacted_at = '2026-11-20T09:00:00.000Z', ip_address = null, device_info = null,
        data = json_object('user_id', ${ada.id}) where aggregate_id = ${ada.id}`,
    ]);
    const [entry] = (await trail(identity, `user_id=${ada.id}`)).items;
    expect(entry).toMatchObject({ ip_address: null, device_info: null, data: { user_id: ada.id } });
  });

  test.each([
    ["user_id=42", "/query/user_id/0"],
    ["actor_id=me,x", "/query/actor_id/1"],
    ["since=yesterday", "/query/since"],
    ["until=2026-13-01T00:00:00Z", "/query/until"],
    ["actor=1", "/query/actor"],
    ["type=", "/query/type"],
  ])("422 for %s", async (query, path) => {
    await using identity = await testIdentity();
    const { status, body } = await identity.call("GET", `/auth/audit?${query}`, { token: await identity.superuser() });
    expect([status, body.errors?.[0]?.path]).toEqual([422, path]);
  });

  test("422 for a cursor of another filter", async () => {
    await using identity = await testIdentity();
    const token = await identity.superuser();
    const { next_cursor } = await trail(identity, "limit=1", token);
    const { body } = await identity.call("GET", `/auth/audit?limit=1&type=x&cursor=${next_cursor}`, { token });
    expect(body.error_code).toBe("invalid_cursor");
  });
});

test("nothing of it is ever a password or a token", async () => {
  await using identity = await testIdentity();
  const { tokens } = await identity.person("ada");
  await identity.call("POST", "/auth/login", { body: { username: "ada", password: "wrong wrong wrong" } });
  const text = JSON.stringify(await trail(identity, "limit=100"));
  for (const secret of [password, "wrong wrong", tokens.refresh_token, tokens.access_token]) {
    expect(text).not.toContain(secret);
  }
});
