import { describe, expect, test } from "bun:test";
import type { LineOutcome } from "../import/schema.ts";
import { password, testIdentity } from "../test/harness.ts";
import type { User } from "./schema.ts";

const mentionWords = ["all", "here", "everyone", "channel"];
const others = [
  "admin",
  "root",
  "system",
  "stoa",
  "0195f09a-5b6c-7d8e-9f00-112233445566",
  "0195f09a5b6c7d8e9f00112233445566",
];
const refused = { status: 422, error_code: "validation_failed", errors: [{ path: "/username" }] };

describe.each([...mentionWords, ...others])("the username %s", (username) => {
  test("cannot be registered, nor taken later, in any case", async () => {
    await using identity = await testIdentity();
    const body = { email: "ada@example.com", password, username: username.toUpperCase() };
    expect((await identity.call("POST", "/auth/register", { body })).body).toMatchObject(refused);
    expect((await identity.call("POST", "/auth/signup", { body })).body).toMatchObject(refused);
    const { token } = await identity.person("bea");
    expect((await identity.call("PATCH", "/auth/me", { token, body: { username } })).body).toMatchObject(refused);
  });
});

test.each(others)(
  "superusers may give the username %s, when they add a user and when they change one",
  async (username) => {
    await using identity = await testIdentity();
    const token = await identity.superuser();
    const { user } = await identity.person("bea");
    const change = { token, body: { username: "ned" } };
    if (username === "root") await identity.call("PATCH", "/auth/me", change);
    const body = { email: "ada@example.com", password, username };
    const added = await identity.call<User>("POST", "/auth/users", { token, body });
    expect([added.status, added.body.username]).toEqual([201, username]);
    await identity.call("PATCH", `/auth/users/${added.body.id}`, { token, body: { username: "ada" } });
    const changed = await identity.call<User>("PATCH", `/auth/users/${user.id}`, { token, body: { username } });
    expect([changed.status, changed.body.username]).toEqual([200, username]);
    // They who have it keep it: what they fetched can be sent back.
    const theirs = await identity.login("bea@example.com");
    const same = await identity.call("PATCH", "/auth/me", { token: theirs.access_token, body: { username, bio: "x" } });
    expect(same.status).toBe(200);
  },
);

test.each(mentionWords)(
  "not even superusers give the username %s, since a message means everybody by it",
  async (username) => {
    await using identity = await testIdentity();
    const token = await identity.superuser();
    const { user } = await identity.person("bea");
    const body = { email: "ada@example.com", password, username };
    expect((await identity.call("POST", "/auth/users", { token, body })).body).toMatchObject(refused);
    expect((await identity.call("PATCH", `/auth/users/${user.id}`, { token, body: { username } })).body).toMatchObject(
      refused,
    );
  },
);

test("an import gives reserved usernames, except those by which a message means everybody", async () => {
  await using identity = await testIdentity();
  const token = await identity.superuser();
  const lines = [
    { email: "ops@example.com", username: "stoa" },
    { email: "system@example.com" },
    { email: "team@example.com", username: "Everyone" },
    { email: "all@example.com" },
  ];
  const answer = await identity.request("/auth/users/import", {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/x-ndjson" },
    body: lines.map((line) => JSON.stringify(line)).join("\n"),
  });
  const outcomes = (await answer.text())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as LineOutcome);
  expect(outcomes.map(({ outcome, error }) => error?.errors?.[0]?.path ?? outcome)).toEqual([
    "created",
    "created",
    "/username",
    "created",
  ]);
  const name = async (at: number) =>
    (await identity.call<User>("GET", `/auth/users/${outcomes[at]?.id}`, { token })).body.username;
  expect([await name(0), await name(1), await name(3)]).toEqual([
    "stoa",
    "system",
    expect.stringMatching(/^all-\d{4}$/),
  ]);
});

test("a username that is made from an e-mail is no reserved one", async () => {
  await using identity = await testIdentity();
  const made = async (email: string) =>
    (await identity.call<User>("POST", "/auth/register", { body: { email, password } })).body.username;
  expect([await made("admin@example.com"), await made("here@example.com")]).toEqual([
    expect.stringMatching(/^admin-\d{4}$/),
    expect.stringMatching(/^here-\d{4}$/),
  ]);
});
