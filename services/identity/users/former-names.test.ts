import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { maintain } from "../maintenance.ts";
import { password, type TestIdentity, testIdentity } from "../test/harness.ts";
import type { User } from "./schema.ts";

const DAY_MS = 86_400_000;

const register = (identity: TestIdentity, username: string | undefined, email: string) =>
  identity.call<User & { error_code?: string }>("POST", "/auth/register", { body: { email, password, username } });
const rename = (identity: TestIdentity, token: string, username: string) =>
  identity.call<User & { error_code?: string }>("PATCH", "/auth/me", { token, body: { username } });

describe("a username that was given up", () => {
  test("stays taken for 30 days, for everybody else", async () => {
    await using identity = await testIdentity();
    const ada = await identity.person("ada");
    const grace = await identity.person("grace");
    expect((await rename(identity, ada.token, "countess")).status).toBe(200);
    expect((await register(identity, "ADA", "mal@example.com")).body).toMatchObject({
      status: 409,
      error_code: "username_taken",
    });
    expect((await rename(identity, grace.token, "ada")).body.error_code).toBe("username_taken");
    identity.clock.ahead = 30 * DAY_MS - 60_000;
    expect((await register(identity, "ada", "mal@example.com")).status).toBe(409);
    identity.clock.ahead = 30 * DAY_MS + 1_000;
    expect((await register(identity, "ada", "mal@example.com")).status).toBe(201);
  });

  test("is not made of an e-mail either, nor given by an import or a corporate login", async () => {
    const person = { guid: "g-1", ace_user_id: 7, username: "ada", verified_email: "eve@example.org" };
    const directory = { origin: "https://directory.example", authenticate: async () => person };
    await using identity = await testIdentity({ directory });
    const ada = await identity.person("ada");
    await rename(identity, ada.token, "countess");
    expect((await register(identity, undefined, "ada@elsewhere.example")).body.username).toMatch(/^ada-\d{4}$/);
    const lines = ['{"email":"ada@third.example"}', '{"email":"x@third.example","username":"ada"}'];
    const imported = await identity.request("/auth/users/import", {
      method: "POST",
      headers: { authorization: `Bearer ${await identity.superuser()}`, "content-type": "application/x-ndjson" },
      body: lines.join("\n"),
    });
    const text = await imported.text();
    expect(text).toContain("created");
    expect(text).toContain("username_taken");
    const body = { account_id: "acme", username: "ada", password: "x" };
    const { body: corporate } = await identity.call<{ username: string }>("POST", "/auth/login/external", { body });
    expect(corporate.username).toMatch(/^ada-\d{4}$/);
  });

  test("can be taken back by whoever gave it up, and then it is theirs", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    await rename(identity, token, "countess");
    expect((await rename(identity, token, "ada")).body.username).toBe("ada");
    expect((await register(identity, "countess", "mal@example.com")).status).toBe(409);
    expect(await identity.db.query(sql`select username from former_usernames`)).toEqual([{ username: "countess" }]);
  });

  test("is handed over by a superuser, who knows what they do, and then it is that user's", async () => {
    await using identity = await testIdentity();
    const ada = await identity.person("ada");
    const grace = await identity.person("grace");
    await rename(identity, ada.token, "countess");
    const change = { token: await identity.superuser(), body: { username: "ada" } };
    expect((await identity.call("PATCH", `/auth/users/${grace.user.id}`, change)).status).toBe(200);
    expect((await rename(identity, ada.token, "ada")).body.error_code).toBe("username_taken");
    expect((await rename(identity, grace.token, "hopper")).status).toBe(200);
    expect((await rename(identity, ada.token, "ada")).body.error_code).toBe("username_taken");
  });

  test("by a superuser counts the same", async () => {
    await using identity = await testIdentity();
    const { user } = await identity.person("ada");
    const change = { token: await identity.superuser(), body: { username: "countess" } };
    await identity.call("PATCH", `/auth/users/${user.id}`, change);
    expect((await register(identity, "ada", "mal@example.com")).status).toBe(409);
  });

  test("goes with its user, whose address may register again under it", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    await rename(identity, token, "countess");
    await identity.call("DELETE", "/auth/me", { token, body: { password } });
    expect((await register(identity, "ada", "ada@example.com")).status).toBe(201);
    expect((await register(identity, "countess", "grace@example.com")).status).toBe(201);
  });

  test("is purged once it is free, and taken again before that", async () => {
    await using identity = await testIdentity();
    const ada = await identity.person("ada");
    await rename(identity, ada.token, "countess");
    identity.clock.ahead = 31 * DAY_MS;
    const mal = await register(identity, "ada", "mal@example.com");
    const { access_token } = await identity.login("ada");
    // The row of the first time is there still.
    expect((await rename(identity, access_token, "mallory")).body.id).toBe(mal.body.id);
    expect(await identity.db.query(sql`select username, user_id from former_usernames`)).toEqual([
      { username: "ada", user_id: mal.body.id },
    ]);
    identity.clock.ahead = 62 * DAY_MS;
    await maintain(identity.deps);
    expect(await identity.db.query(sql`select 1 from former_usernames`)).toEqual([]);
  });
});

test("429 past ten names in 30 days: nobody takes the good names away; a superuser may", async () => {
  await using identity = await testIdentity();
  const { token, user } = await identity.person("ada");
  for (let i = 0; i < 10; i++) expect((await rename(identity, token, `ada-${i}`)).status).toBe(200);
  const refused = await rename(identity, token, "ada-10");
  expect([refused.status, refused.body.error_code, refused.headers.get("retry-after")]).toEqual([
    429,
    "rate_limited",
    "86400",
  ]);
  const root = await identity.superuser();
  const change = { token: root, body: { username: "ada-10" } };
  expect((await identity.call("PATCH", `/auth/users/${user.id}`, change)).status).toBe(200);
});
