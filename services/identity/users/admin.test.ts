import { describe, expect, test } from "bun:test";
import { DatabaseError, newId, sql } from "@stoa/db";
import { meanwhile } from "@stoa/testing";
import { testIdentity } from "../test/harness.ts";
import type { User } from "./schema.ts";

interface Users {
  items: User[];
  next_cursor: string | null;
  total?: number;
}

const routes = (id: string): [string, string, unknown?][] => [
  ["GET", "/auth/users"],
  ["POST", "/auth/users", { email: "x@example.com", password: "x" }],
  ["POST", "/auth/users/bulk", { ids: [], action: "disable" }],
  ["GET", "/auth/audit"],
  ["GET", `/auth/users/${id}`],
  ["PATCH", `/auth/users/${id}`, { bio: "x" }],
  ["PUT", `/auth/users/${id}`, { bio: "x" }],
  ["PUT", `/auth/users/${id}/disable`],
  ["PUT", `/auth/users/${id}/enable`],
  ["PUT", `/auth/users/${id}/superuser`, { is_superuser: true }],
  ["GET", `/auth/users/${id}/sessions`],
  ["DELETE", `/auth/users/${id}/sessions`],
  ["DELETE", `/auth/users/${id}/sessions/${newId()}`],
  ["GET", `/auth/users/${id}/roles`],
  ["PUT", `/auth/users/${id}/roles`, { roles: [] }],
  ["GET", "/auth/roles"],
  ["POST", "/auth/roles", { name: "auditor" }],
  ["DELETE", `/auth/roles/${id}`],
  ["GET", "/auth/keys"],
  ["POST", "/auth/keys/rotate"],
  ["POST", `/auth/keys/${id}/revoke`],
];

test("every route of administration is 401 to strangers and 403 to users", async () => {
  await using identity = await testIdentity();
  const { user, token } = await identity.person("ada");
  for (const [method, path, body] of routes(user.id)) {
    expect([path, (await identity.call(method, path, { body })).body.error_code]).toEqual([path, "unauthorized"]);
    expect([path, (await identity.call(method, path, { token, body })).body.error_code]).toEqual([path, "forbidden"]);
  }
});

test("404 for an id that no one has, and for one that is none", async () => {
  await using identity = await testIdentity();
  const token = await identity.superuser();
  for (const id of [newId(), "42", "%00", "x".repeat(300)]) {
    for (const [method, path, body] of routes(id).filter(([, path]) => path.includes(id))) {
      expect([method, path, (await identity.call(method, path, { token, body })).status]).toEqual([method, path, 404]);
    }
  }
});

test("If-Match holds for every change of a user: 412 with the present user, and nothing changes", async () => {
  await using identity = await testIdentity();
  const token = await identity.superuser();
  const { user } = await identity.person("ada");
  const present = (await identity.call<User>("GET", `/auth/users/${user.id}`, { token })).body;
  const changes: [string, string, unknown?][] = [
    ["PUT", "/disable"],
    ["PUT", "/enable"],
    ["PUT", "/superuser", { is_superuser: true }],
    ["PUT", "/roles", { roles: [] }],
    ["DELETE", ""],
  ];
  for (const [method, path, body] of changes) {
    const sending = { token, body, headers: { "if-match": `"${present.version + 7}"` } };
    const refused = await identity.call<{ error_code: string; current: User }>(
      method,
      `/auth/users/${user.id}${path}`,
      sending,
    );
    expect([path, refused.status, refused.body.error_code]).toEqual([path, 412, "version_conflict"]);
    expect(refused.body.current).toEqual(present);
  }
  expect((await identity.call<User>("GET", `/auth/users/${user.id}`, { token })).body).toEqual(present);
  const { version } = present;
  const disable = (match: number) =>
    identity.call<User>("PUT", `/auth/users/${user.id}/disable`, { token, headers: { "if-match": `"${match}"` } });
  expect((await disable(version)).body).toMatchObject({ is_active: false, version: version + 1 });
  expect((await disable(version + 1)).body).toMatchObject({ is_active: false, version: version + 1 });
});

describe("the list", () => {
  test("pages through all, newest first, and counts", async () => {
    await using identity = await testIdentity();
    for (const name of ["ada", "grace", "hedy", "radia"]) await identity.register(name);
    const token = await identity.superuser();
    const first = (await identity.call<Users>("GET", "/auth/users?limit=3&count=true", { token })).body;
    expect(first.items.map(({ username }) => username)).toEqual(["radia", "hedy", "grace"]);
    expect(first.total).toBe(5);
    const second = (await identity.call<Users>("GET", `/auth/users?limit=3&cursor=${first.next_cursor}`, { token }))
      .body;
    expect(second.items.map(({ username }) => username)).toEqual(["ada", "root"]);
    expect(second.next_cursor).toBeNull();
    const forged = await identity.call("GET", `/auth/users?limit=3&is_active=true&cursor=${first.next_cursor}`, {
      token,
    });
    expect(forged.body.error_code).toBe("invalid_cursor");
  });

  test("narrows down", async () => {
    await using identity = await testIdentity();
    const ada = await identity.register("ada_l");
    const grace = await identity.register("grace");
    const token = await identity.superuser();
    await identity.call("PUT", `/auth/users/${ada.id}/disable`, { token });
    await identity.call("POST", "/auth/roles", { token, body: { name: "auditor" } });
    await identity.call("PUT", `/auth/users/${ada.id}/roles`, { token, body: { roles: ["auditor"] } });
    const find = async (query: string) =>
      (await identity.call<Users>("GET", `/auth/users?${query}`, { token })).body.items.map(({ username }) => username);
    expect(await find("q=GRAC")).toEqual(["grace"]);
    expect(await find("q=example.com")).toEqual(["grace", "ada_l", "root"]);
    // A pattern of SQL is a text like any other.
    expect(await find("q=a_l")).toEqual(["ada_l"]);
    expect(await find("q=%25")).toEqual([]);
    expect(await find("q=r_ot")).toEqual([]);
    expect(await find("is_active=false")).toEqual(["ada_l"]);
    expect(await find("is_superuser=true")).toEqual(["root"]);
    expect(await find("role=auditor")).toEqual(["ada_l"]);
    expect(await find("role=auditor,nothing")).toEqual(["ada_l"]);
    expect(await find("role=nothing")).toEqual([]);
    await identity.call("POST", "/auth/roles", { token, body: { name: "editor, chief" } });
    await identity.call("PUT", `/auth/users/${grace.id}/roles`, { token, body: { roles: ["editor, chief"] } });
    expect(await find('role="editor, chief"')).toEqual(["grace"]);
    expect(await find('role="editor, chief",auditor')).toEqual(["grace", "ada_l"]);
    expect(await find('role="editor, chief",auditor&is_active=false')).toEqual(["ada_l"]);
  });
});

test.each(["PATCH", "PUT"])("a superuser changes a user's name, bio and username by %s", async (method) => {
  await using identity = await testIdentity();
  const { id } = await identity.register("ada");
  const token = await identity.superuser();
  const { status, body } = await identity.call<User>(method, `/auth/users/${id}`, {
    token,
    body: { username: "countess" },
  });
  expect([status, body.username, body.version]).toEqual([200, "countess", 2]);
});

describe("disabling", () => {
  test("ends every session at once and says so; again changes nothing; enabling lets in again", async () => {
    await using identity = await testIdentity();
    const { user, token } = await identity.person("ada");
    const admin = await identity.superuser();
    const change = (verb: string) => identity.call<User>("PUT", `/auth/users/${user.id}/${verb}`, { token: admin });
    expect((await change("disable")).body).toMatchObject({ is_active: false, version: 2 });
    expect((await identity.call("GET", "/auth/me", { token })).body.error_code).toBe("session_revoked");
    expect((await change("disable")).body.version).toBe(2);
    const [event, ...more] = await identity.events("user.disabled");
    expect(JSON.parse(String(event?.["data"])).session_ids).toHaveLength(1);
    expect(more).toEqual([]);

    expect((await change("enable")).body).toMatchObject({ is_active: true, version: 3 });
    expect((await change("enable")).body.version).toBe(3);
    expect((await identity.call("GET", "/auth/me", { token })).body.error_code).toBe("session_revoked");
    const { access_token } = await identity.login("ada");
    expect((await identity.call("GET", "/auth/me", { token: access_token })).status).toBe(200);
  });

  test("more sessions than fit into one event are ended all the same", async () => {
    await using identity = await testIdentity();
    const { user } = await identity.person("ada");
    await identity.db.write([
      sql`with recursive n (i) as (select 1 union all select i + 1 from n where i < 2200)
        insert into sessions (id, user_id, auth_time, method, created_at, last_seen_at, expires_at)
        select 'many-' || i, ${user.id}, 0, 'password', '2026', '2026', '9999' from n`,
    ]);
    await identity.call("PUT", `/auth/users/${user.id}/disable`, { token: await identity.superuser() });
    expect(
      await identity.db.query(sql`select 1 from sessions where user_id = ${user.id} and ended_at is null`),
    ).toEqual([]);
    const ids = [...(await identity.events("user.disabled")), ...(await identity.events("session.revoked"))].flatMap(
      ({ data }) => JSON.parse(String(data)).session_ids,
    );
    expect(new Set(ids).size).toBe(2201);
  });
});

test("503 while the database is away: no command changes anything, and each can be sent again", async () => {
  await using identity = await testIdentity();
  const { user, token: theirs } = await identity.person("ada");
  const token = await identity.superuser();
  await identity.call("POST", "/auth/roles", { token, body: { name: "auditor" } });
  const commands: [string, string, unknown?][] = [
    ["PUT", `/auth/users/${user.id}/superuser`, { is_superuser: true }],
    ["PUT", `/auth/users/${user.id}/roles`, { roles: ["auditor"] }],
    ["PATCH", `/auth/users/${user.id}`, { username: "lovelace" }],
    ["PUT", `/auth/users/${user.id}/disable`],
    ["PUT", `/auth/users/${user.id}/enable`],
    ["DELETE", `/auth/users/${user.id}`],
  ];
  for (const [method, path, body] of commands) {
    const before = await identity.db.query(sql`select count(*) from journal`);
    meanwhile(identity.db, () => Promise.reject(new DatabaseError("unavailable", new Error("locked"))));
    const away = await identity.call(method, path, { token, body });
    expect([path, away.status, away.body.error_code]).toEqual([path, 503, "unavailable"]);
    expect(await identity.db.query(sql`select count(*) from journal`)).toEqual(before);
    const again = await identity.call(method, path, { token, body });
    expect([path, again.status]).toEqual([path, method === "DELETE" ? 204 : 200]);
  }
  await expect(identity.verify(theirs)).rejects.toThrow();
});

describe("superuser", () => {
  test("is given and taken, and tokens that are out follow at once", async () => {
    await using identity = await testIdentity();
    const { user, token } = await identity.person("ada");
    const admin = await identity.superuser();
    const set = (is_superuser: boolean) =>
      identity.call<User>("PUT", `/auth/users/${user.id}/superuser`, { token: admin, body: { is_superuser } });
    expect((await set(true)).body).toMatchObject({ is_superuser: true, version: 2 });
    expect((await identity.call("GET", "/auth/users", { token })).status).toBe(200);
    expect((await set(true)).body.version).toBe(2);
    expect((await set(false)).body.is_superuser).toBe(false);
    expect((await identity.call("GET", "/auth/users", { token })).status).toBe(403);
    expect(await identity.events("user.superuser_changed")).toHaveLength(2);
  });

  test("409: the last active one stays, whether demoted or disabled", async () => {
    await using identity = await testIdentity();
    const token = await identity.superuser();
    const { user_id } = await identity.verify(token);
    const demote = { token, body: { is_superuser: false } };
    const answers = [
      await identity.call("PUT", `/auth/users/${user_id}/superuser`, demote),
      await identity.call("PUT", `/auth/users/${user_id}/disable`, { token }),
    ];
    expect(answers.map(({ status, body }) => [status, body.error_code])).toEqual([
      [409, "last_superuser"],
      [409, "last_superuser"],
    ]);
    expect((await identity.call("GET", "/auth/me", { token })).body).toMatchObject({
      is_active: true,
      is_superuser: true,
    });
    expect(await identity.events("user.disabled")).toEqual([]);
  });

  test("of two that demote each other at once, one stays", async () => {
    await using identity = await testIdentity();
    const { user } = await identity.person("ada");
    const token = await identity.superuser();
    const { user_id } = await identity.verify(token);
    await identity.call("PUT", `/auth/users/${user.id}/superuser`, { token, body: { is_superuser: true } });
    const demoted = await Promise.all(
      [user.id, user_id].map((id) =>
        identity.call("PUT", `/auth/users/${id}/superuser`, { token, body: { is_superuser: false } }),
      ),
    );
    expect(demoted.map(({ status }) => status).sort()).not.toEqual([200, 200]);
    expect(await identity.db.query(sql`select 1 from users where is_superuser = 1 and is_active = 1`)).toHaveLength(1);
  });

  test.each([{}, { is_superuser: 1 }, { is_superuser: "true" }, { is_superuser: true, x: 1 }])(
    "422 for %j",
    async (body) => {
      await using identity = await testIdentity();
      const token = await identity.superuser();
      const { user_id } = await identity.verify(token);
      expect((await identity.call("PUT", `/auth/users/${user_id}/superuser`, { token, body })).status).toBe(422);
    },
  );
});
