import { describe, expect, test } from "bun:test";
import { type Problem, roundTrips } from "@stoa/testing";
import { password, testIdentity } from "../test/harness.ts";
import type { User } from "./schema.ts";

describe("GET", () => {
  test.each(["/auth/me", "/users/me"])("%s is oneself, with an ETag", async (path) => {
    await using identity = await testIdentity();
    const { user, token } = await identity.person("ada");
    const { status, headers, body } = await identity.call<User>("GET", path, { token });
    expect(status).toBe(200);
    expect(headers.get("etag")).toBe('"1"');
    expect(body).toEqual({ ...user, last_login_at: body.last_login_at });
  });

  test("costs one query", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    await identity.call("GET", "/auth/me", { token });
    const trips = await roundTrips(identity.db, () => identity.call("GET", "/auth/me", { token }));
    expect(trips).toBe(1);
  });

  test("401 without a token, 405 for another method", async () => {
    await using identity = await testIdentity();
    const { status, headers, body } = await identity.call("GET", "/auth/me");
    expect([status, body.error_code, headers.get("www-authenticate")]).toEqual([401, "unauthorized", "Bearer"]);
    expect((await identity.call("POST", "/auth/me")).status).toBe(405);
  });
});

describe.each(["PATCH", "PUT"])("%s", (method) => {
  test("changes what is given, clears with null, keeps the rest", async () => {
    await using identity = await testIdentity();
    const { user, token } = await identity.person("ada");
    const change = (body: unknown) => identity.call<User>(method, "/auth/me", { token, body });
    const first = await change({ full_name: "Ada", bio: "Engines", username: "Lovelace" });
    expect(first.body).toMatchObject({ full_name: "Ada", bio: "Engines", username: "lovelace", version: 2 });
    expect(first.headers.get("etag")).toBe('"2"');
    const second = await change({ name: "Ada King", bio: null });
    expect(second.body).toMatchObject({ full_name: "Ada King", bio: null, username: "lovelace", version: 3 });
    const events = await identity.events("user.updated");
    expect(events.map(({ data, actor_id }) => [JSON.parse(String(data)), actor_id])).toEqual([
      [{ user_id: user.id, username: "lovelace", full_name: "Ada" }, user.id],
      [{ user_id: user.id, username: "lovelace", full_name: "Ada King" }, user.id],
    ]);
  });
});

describe("PATCH", () => {
  test("of what is as it was writes nothing: a fetched user can be sent back", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const { body: me } = await identity.call<User>("GET", "/auth/me", { token });
    const { status, body } = await identity.call<User>("PATCH", "/users/me", { token, body: { ...me, version: 7 } });
    expect([status, body]).toEqual([200, me]);
    expect(await identity.events("user.updated")).toEqual([]);
  });

  test("409 for a username that someone has, in any case", async () => {
    await using identity = await testIdentity();
    await identity.register("grace");
    const { token } = await identity.person("ada");
    const { status, body } = await identity.call("PATCH", "/auth/me", { token, body: { username: "GRACE" } });
    expect([status, body.error_code]).toEqual([409, "username_taken"]);
  });

  test("412 for an old If-Match, with the present user; the right one and * pass", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const change = (bio: string, match: string) =>
      identity.call<Problem & { current?: User }>("PATCH", "/auth/me", {
        token,
        body: { bio },
        headers: { "if-match": match },
      });
    expect((await change("one", '"1"')).status).toBe(200);
    const { status, body } = await change("two", '"1"');
    expect([status, body.error_code, body.current?.bio]).toEqual([412, "version_conflict", "one"]);
    expect((await change("three", "*")).status).toBe(200);
  });

  test("of 30 at once without If-Match, all are done, one after the other", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        identity.call<User>("PATCH", "/auth/me", { token, body: { bio: `bio ${i}` } }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(30).fill(200));
    const versions = answers.map(({ body }) => body.version).sort((a, b) => a - b);
    expect(versions).toEqual(Array.from({ length: 30 }, (_, i) => 2 + i));
  });

  const readOnly = {
    id: "x",
    is_superuser: true,
    is_active: false,
    roles: ["x"],
    email_verified: true,
    pending_email: "x@example.com",
    mfa_enabled: true,
  };
  test.each(Object.entries(readOnly))("422 for %s, which cannot be changed here", async (field, value) => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const { status, body } = await identity.call("PATCH", "/auth/me", { token, body: { [field]: value } });
    expect([status, body.error_code, body.errors?.[0]?.path]).toEqual([422, "validation_failed", `/${field}`]);
  });

  test.each([{ username: "a b" }, { username: null }, { bio: "x".repeat(20_001) }, { full_name: "" }, { other: 1 }])(
    "422 for %j",
    async (body) => {
      await using identity = await testIdentity();
      const { token } = await identity.person("ada");
      expect((await identity.call("PATCH", "/auth/me", { token, body })).status).toBe(422);
    },
  );
});

describe("PUT /auth/me/password", () => {
  const next = "nine otters in the reeds";

  test("204: the new password works, the old does not, every other session ends", async () => {
    await using identity = await testIdentity();
    const { user, token, tokens } = await identity.person("ada");
    const other = await identity.login("ada");
    const body = { current_password: password, new_password: next };
    expect((await identity.call("PUT", "/auth/me/password", { token, body })).status).toBe(204);
    expect((await identity.call("GET", "/auth/me", { token })).status).toBe(200);
    const { body: refused } = await identity.call("GET", "/auth/me", { token: other.access_token });
    expect(refused.error_code).toBe("session_revoked");
    expect(await identity.login("ada", next)).toBeDefined();
    const old = await identity.call("POST", "/auth/login", { body: { username: "ada", password } });
    expect(old.status).toBe(401);
    expect(await identity.events("user.password_changed")).toHaveLength(1);
    const [revoked] = await identity.events("session.revoked");
    expect(JSON.parse(String(revoked?.["data"]))).toEqual({
      user_id: user.id,
      session_ids: [other.session_id],
      reason: "password_changed",
    });
    expect(tokens.session_id).not.toBe(other.session_id);
  });

  test("403 for a wrong present password, 422 for a weak new one; nothing ends", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const other = await identity.login("ada");
    const change = (current_password: string, new_password: string) =>
      identity.call("PUT", "/auth/me/password", { token, body: { current_password, new_password } });
    expect((await change("not this one", next)).body).toMatchObject({ status: 403, error_code: "wrong_password" });
    expect((await change(password, "short")).body).toMatchObject({
      status: 422,
      error_code: "weak_password",
      errors: [{ path: "/new_password" }],
    });
    expect((await identity.call("GET", "/auth/me", { token: other.access_token })).status).toBe(200);
  });

  test("of two at once, one wins", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const answers = await Promise.all(
      [next, "eleven terns on the pier"].map((new_password) =>
        identity.call("PUT", "/auth/me/password", { token, body: { current_password: password, new_password } }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 403]);
  });
});

describe("GET /auth/directory", () => {
  test("finds anyone active by exact username, and shows no more than the name", async () => {
    await using identity = await testIdentity();
    const { id } = await identity.register("grace");
    const { token } = await identity.person("ada");
    const find = async (q: string) => (await identity.call("GET", `/auth/directory?q=${q}`, { token })).body;
    expect(await find("Grace")).toEqual({
      items: [{ id, username: "grace", full_name: null }],
      next_cursor: null,
    } as never);
    expect(await find("gra")).toMatchObject({ items: [] });
    await identity.call("PUT", `/auth/users/${id}/disable`, { token: await identity.superuser() });
    expect(await find("grace")).toMatchObject({ items: [] });
    expect(await find("")).toMatchObject({ status: 422 });
    expect((await identity.call("GET", "/auth/directory?q=x")).status).toBe(401);
  });
});
