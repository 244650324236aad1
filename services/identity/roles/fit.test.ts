import { expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { type TestIdentity, testIdentity } from "../test/harness.ts";
import type { User } from "../users/schema.ts";

/** As many names of 64 characters as fit: with its quotes and a comma each takes 67 bytes. */
const most = Array.from({ length: 61 }, (_, index) => `${index}`.padStart(64, "r"));
const more = [...most, "one-more"];

async function withRoles(identity: TestIdentity): Promise<string> {
  const token = await identity.superuser();
  for (const name of [...more, "rôle".repeat(16)]) {
    const { status } = await identity.call("POST", "/auth/roles", { token, body: { name } });
    expect(status).toBe(201);
  }
  return token;
}

test("200: a token with as many roles as may be given is taken, and refreshed, and logs out", async () => {
  await using identity = await testIdentity();
  const token = await withRoles(identity);
  const user = await identity.register("a".repeat(50));
  const given = await identity.call("PUT", `/auth/users/${user.id}/roles`, { token, body: { roles: most } });
  expect(given.status).toBe(200);
  const tokens = await identity.login(user.username);
  expect((await identity.call("GET", "/auth/me", { token: tokens.access_token })).status).toBe(200);
  const { refresh_token } = tokens;
  const { body } = await identity.call<typeof tokens>("POST", "/auth/refresh", { body: { refresh_token } });
  expect((await identity.call("POST", "/auth/logout", { token: body.access_token })).status).toBe(204);
});

test("422: roles that do not fit a token are given in no way, and nobody locks themselves out", async () => {
  await using identity = await testIdentity();
  const token = await withRoles(identity);
  const { body: me } = await identity.call<User>("GET", "/auth/me", { token });
  const put = await identity.call("PUT", `/auth/users/${me.id}/roles`, { token, body: { roles: more } });
  const wide = Array.from({ length: 70 }, (_, index) => `${index}${"ø".repeat(40)}`);
  const bytes = await identity.call("PUT", `/auth/users/${me.id}/roles`, { token, body: { roles: wide } });
  const twice = await identity.call("PUT", `/auth/users/${me.id}/roles`, {
    token,
    body: { roles: [...most, ...most.slice(0, 30)] },
  });
  const body = { email: "ada@example.com", password: "seven herons by the weir", roles: more };
  const post = await identity.call("POST", "/auth/users", { token, body });
  expect([put.status, bytes.status, twice.status, post.status]).toEqual([422, 422, 200, 422]);
  expect(put.body).toMatchObject({ error_code: "validation_failed", errors: [{ path: "/roles" }] });
  const line = JSON.stringify({ email: "bea@example.com", roles: more });
  const imported = await identity.request("/auth/users/import", {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/x-ndjson" },
    body: line,
  });
  expect(await imported.json()).toMatchObject({
    outcome: "refused",
    error: { error_code: "validation_failed", errors: [{ path: "/roles" }] },
  });
  expect((await identity.call("GET", "/auth/me", { token: await identity.superuser() })).status).toBe(200);
});

test("422: a role has a name of 255 characters at most", async () => {
  await using identity = await testIdentity();
  const token = await identity.superuser();
  const { status } = await identity.call("POST", "/auth/roles", { token, body: { name: "r".repeat(256) } });
  expect(status).toBe(422);
});

test("200: a role that an earlier version gave beyond the limit can be taken away, by fewer roles or with the role", async () => {
  await using identity = await testIdentity();
  const token = await withRoles(identity);
  const user = await identity.register("ada");
  await identity.db.write([sql`insert into user_roles (user_id, role_id) select ${user.id}, id from roles`]);
  const [role] = await identity.db.query(sql`select id from roles where name = 'one-more'`);
  expect((await identity.call("DELETE", `/auth/roles/${role?.["id"]}`, { token })).status).toBe(204);
  const fewer = await identity.call("PUT", `/auth/users/${user.id}/roles`, { token, body: { roles: most } });
  expect(fewer.body).toMatchObject({ roles: most.toSorted() });
});
