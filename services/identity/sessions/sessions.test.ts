import { describe, expect, test } from "bun:test";
import { newId, select, sql } from "@stoa/db";
import { maintain } from "../maintenance.ts";
import { password, testIdentity } from "../test/harness.ts";
import type { Session, Tokens } from "./schema.ts";
import { sessions } from "./table.ts";

const DAY = 86_400_000;

interface Sessions {
  items: Session[];
  next_cursor: string | null;
  total?: number;
}

test("every route of sessions is 401 without a token", async () => {
  await using identity = await testIdentity();
  const routes: [string, string][] = [
    ["POST", "/auth/logout"],
    ["POST", "/auth/logout-all"],
    ["POST", "/auth/reauthenticate"],
    ["GET", "/auth/sessions"],
    ["DELETE", `/auth/sessions/${newId()}`],
    ["POST", `/auth/sessions/${newId()}/revoke`],
  ];
  for (const [method, path] of routes) {
    expect([path, (await identity.call(method, path)).body.error_code]).toEqual([path, "unauthorized"]);
  }
});

describe("logout", () => {
  test("204: the token is refused at once, and other sessions go on", async () => {
    await using identity = await testIdentity();
    const { user, token, tokens } = await identity.person("ada");
    const other = await identity.login("ada");
    expect((await identity.call("POST", "/auth/logout", { token })).status).toBe(204);
    const { status, body } = await identity.call("GET", "/auth/me", { token });
    expect([status, body.error_code]).toEqual([401, "session_revoked"]);
    expect((await identity.call("GET", "/auth/me", { token: other.access_token })).status).toBe(200);
    const [event] = await identity.events("session.revoked");
    expect(event).toMatchObject({ actor_id: user.id, session_id: tokens.session_id });
    expect(JSON.parse(String(event?.["data"]))).toEqual({
      user_id: user.id,
      session_ids: [tokens.session_id],
      reason: "logout",
    });
  });

  test("logout-all ends all sessions of the user in one event, and no one else's", async () => {
    await using identity = await testIdentity();
    const grace = await identity.person("grace");
    const { token } = await identity.person("ada");
    const others = [await identity.login("ada"), await identity.login("ada")];
    expect((await identity.call("POST", "/auth/logout-all", { token })).status).toBe(204);
    for (const refused of [token, ...others.map(({ access_token }) => access_token)]) {
      expect((await identity.call("GET", "/auth/me", { token: refused })).body.error_code).toBe("session_revoked");
    }
    expect((await identity.call("GET", "/auth/me", { token: grace.token })).status).toBe(200);
    const [event, ...more] = await identity.events("session.revoked");
    expect(JSON.parse(String(event?.["data"]))).toMatchObject({ session_ids: { length: 3 }, reason: "logout_all" });
    expect(more).toEqual([]);
    // A login right after is not touched.
    expect((await identity.call("GET", "/auth/me", { token: (await identity.login("ada")).access_token })).status).toBe(
      200,
    );
  });

  test("many logouts at once end the session once", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => identity.call("POST", "/auth/logout", { token })),
    );
    expect(answers.every(({ status }) => status === 204 || status === 401)).toBe(true);
    expect(await identity.events("session.revoked")).toHaveLength(1);
  });
});

describe("the list", () => {
  test("shows the user's live sessions, newest first, and which one the request has", async () => {
    await using identity = await testIdentity();
    await identity.person("grace");
    const { token, tokens } = await identity.person("ada");
    const other = await identity.login("ada");
    const { body } = await identity.call<Sessions>("GET", "/auth/sessions?count=true", { token });
    expect(body.items.map(({ id, current }) => [id, current])).toEqual([
      [other.session_id, false],
      [tokens.session_id, true],
    ]);
    expect(body.total).toBe(2);
    expect(body.items[0]).toMatchObject({ is_active: true, ended_at: null, end_reason: null });
    const page = (await identity.call<Sessions>("GET", "/auth/sessions?limit=1", { token })).body;
    const next = await identity.call<Sessions>("GET", `/auth/sessions?limit=1&cursor=${page.next_cursor}`, { token });
    expect(next.body.items.map(({ id }) => id)).toEqual([tokens.session_id]);
    expect((await identity.call("GET", `/auth/sessions?ended=true&cursor=${page.next_cursor}`, { token })).status).toBe(
      422,
    );
    expect((await identity.call("GET", "/auth/sessions?ended=maybe", { token })).status).toBe(422);
  });

  test("with ended=true shows those that ended within 30 days, and why", async () => {
    await using identity = await testIdentity();
    const { tokens } = await identity.person("ada");
    const { access_token } = await identity.login("ada");
    await identity.call("POST", "/auth/logout", { token: access_token });
    identity.clock.ahead = 8 * DAY;
    const { access_token: token } = await identity.login("ada");
    const ended = async () => (await identity.call<Sessions>("GET", "/auth/sessions?ended=true", { token })).body.items;
    const expected = [
      { end_reason: "logout", is_active: false, ended_at: expect.any(String) },
      { id: tokens.session_id, end_reason: "expired", is_active: false, ended_at: expect.any(String) },
    ];
    expect(await ended()).toMatchObject(expected);
    await maintain(identity.deps);
    expect(await ended()).toMatchObject(expected);
    expect((await identity.call<Sessions>("GET", "/auth/sessions", { token })).body.items).toHaveLength(1);
  });
});

describe.each([
  ["DELETE", ""],
  ["POST", "/revoke"],
])("%s /auth/sessions/{id}%s", (method, verb) => {
  test("204: that session ends; again is 204; another's or none is 404", async () => {
    await using identity = await testIdentity();
    const grace = await identity.person("grace");
    const { token } = await identity.person("ada");
    const other = await identity.login("ada");
    const revoke = (id: string) => identity.call(method, `/auth/sessions/${id}${verb}`, { token });
    expect((await revoke(other.session_id)).status).toBe(204);
    expect((await identity.call("GET", "/auth/me", { token: other.access_token })).body.error_code).toBe(
      "session_revoked",
    );
    expect((await revoke(other.session_id)).status).toBe(204);
    for (const id of [grace.tokens.session_id, newId(), "42"]) expect((await revoke(id)).status).toBe(404);
    expect((await identity.call("GET", "/auth/me", { token: grace.token })).status).toBe(200);
    expect(await identity.events("session.revoked")).toHaveLength(1);
  });
});

test("a superuser lists and ends the sessions of a user", async () => {
  await using identity = await testIdentity();
  const { user, token } = await identity.person("ada");
  const admin = await identity.superuser();
  const path = `/auth/users/${user.id}/sessions`;
  expect((await identity.call<Sessions>("GET", path, { token: admin })).body.items).toMatchObject([{ current: false }]);
  expect((await identity.call("DELETE", path, { token: admin })).status).toBe(204);
  expect((await identity.call("DELETE", path, { token: admin })).status).toBe(204);
  expect((await identity.call("GET", "/auth/me", { token })).body.error_code).toBe("session_revoked");
  const [event] = await identity.events("session.revoked");
  expect(JSON.parse(String(event?.["data"]))).toMatchObject({ user_id: user.id, reason: "admin" });
});

test("a superuser ends one session of a user; again is 204; another's or none is 404", async () => {
  await using identity = await testIdentity();
  const { user, tokens, token } = await identity.person("ada");
  const other = await identity.login("ada");
  const grace = await identity.person("grace");
  const admin = await identity.superuser();
  const end = async (session_id: string) =>
    (await identity.call("DELETE", `/auth/users/${user.id}/sessions/${session_id}`, { token: admin })).status;
  expect([await end(tokens.session_id), await end(tokens.session_id)]).toEqual([204, 204]);
  expect([await end(grace.tokens.session_id), await end("x")]).toEqual([404, 404]);
  expect((await identity.call("GET", "/auth/me", { token })).body.error_code).toBe("session_revoked");
  expect((await identity.call("GET", "/auth/me", { token: other.access_token })).status).toBe(200);
  expect(await identity.events("session.revoked")).toHaveLength(1);
});

describe("reauthenticate", () => {
  test("200: a fresh auth_time in the same session, whose refresh token stays the active one", async () => {
    await using identity = await testIdentity();
    const { token, tokens } = await identity.person("ada");
    identity.clock.ahead = 600_000;
    const { status, body } = await identity.call<Tokens>("POST", "/auth/reauthenticate", { token, body: { password } });
    expect(status).toBe(200);
    expect(body).toMatchObject({ session_id: tokens.session_id, refresh_token: tokens.refresh_token });
    const [before, after] = [await identity.verify(token), await identity.verify(body.access_token)];
    expect(after.auth_time - before.auth_time).toBeWithin(599, 602);
    // Refreshes keep it.
    const next = await identity.call<Tokens>("POST", "/auth/refresh", { body: { refresh_token: body.refresh_token } });
    expect((await identity.verify(next.body.access_token)).auth_time).toBe(after.auth_time);
  });

  test("403 for a wrong password, 422 for none", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const prove = (body: unknown) => identity.call("POST", "/auth/reauthenticate", { token, body });
    expect((await prove({ password: "not this one" })).body).toMatchObject({
      status: 403,
      error_code: "wrong_password",
    });
    expect((await prove({})).status).toBe(422);
  });
});

describe("last_seen_at", () => {
  const seen = async (identity: Awaited<ReturnType<typeof testIdentity>>, id: string) => {
    const [row] = await identity.db.query(
      select({ last_seen_at: sessions.last_seen_at }, sql`from ${sessions} where id = ${id}`),
    );
    return Date.parse(row?.last_seen_at ?? "");
  };

  test("moves with calls, at most once a minute, and with a refresh", async () => {
    await using identity = await testIdentity();
    const { token, tokens } = await identity.person("ada");
    const start = await seen(identity, tokens.session_id);
    let writes = 0;
    identity.db.onWrite(() => writes++);
    identity.clock.ahead = 59_000;
    await identity.call("GET", "/auth/me", { token });
    expect(await seen(identity, tokens.session_id)).toBe(start);
    identity.clock.ahead = 120_000;
    for (let i = 0; i < 10; i++) await identity.call("GET", "/auth/me", { token });
    expect((await seen(identity, tokens.session_id)) - start).toBeWithin(119_000, 122_000);
    expect(writes).toBeLessThanOrEqual(2);
    identity.clock.ahead = 130_000;
    await identity.call("POST", "/auth/refresh", { body: { refresh_token: tokens.refresh_token } });
    expect((await seen(identity, tokens.session_id)) - start).toBeWithin(129_000, 132_000);
  });
});

describe("maintenance", () => {
  test("ends expired sessions with one event for each user, and deletes those that ended a month ago", async () => {
    await using identity = await testIdentity();
    const { user, tokens } = await identity.person("ada");
    await identity.login("ada");
    identity.clock.ahead = 7 * DAY;
    await maintain(identity.deps);
    const [event, ...more] = await identity.events("session.revoked");
    expect(JSON.parse(String(event?.["data"]))).toMatchObject({
      user_id: user.id,
      session_ids: { length: 2 },
      reason: "expired",
    });
    expect(more).toEqual([]);
    const known = () => identity.db.query(sql`select 1 from sessions where id = ${tokens.session_id}`);
    identity.clock.ahead = 36 * DAY;
    await maintain(identity.deps);
    expect(await known()).toHaveLength(1);
    identity.clock.ahead = 38 * DAY;
    await maintain(identity.deps);
    expect(await known()).toEqual([]);
  });
});
