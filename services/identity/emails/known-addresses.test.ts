import { describe, expect, test } from "bun:test";
import { openDatabase, raw, sql } from "@stoa/db";
import { migrate } from "@stoa/db/migrations";
import { readMigrations } from "@stoa/db/migrations/read";
import { rowsOf, temporaryDirectory } from "@stoa/testing";
import type { CorporateDirectory } from "../external/corporate-directory.ts";
import { password, type TestIdentity, testIdentity } from "../test/harness.ts";
import { mailedToken } from "../test/mails.ts";
import type { User } from "../users/schema.ts";

const told = ["user.email_verified", "user.email_changed", "user.email_known"] as const;

/** The addresses that events tell of a user, oldest first. */
async function addressesOf({ db }: TestIdentity, user_id: string): Promise<unknown[]> {
  const rows = await rowsOf<{ data: string }>(
    db,
    sql`select data from journal where aggregate_id = ${user_id}
      and type in (select value from json_each(${JSON.stringify(told)})) order by seq`,
  );
  return rows.map(({ data }) => (JSON.parse(data) as { email?: unknown }).email);
}

const verify = async (identity: TestIdentity, address: string, kind: "email_verification" | "email_change") =>
  identity.call("POST", "/auth/email/verify", { body: { token: await mailedToken(identity.db, address, kind) } });

describe("the event of an address that is verified tells it", () => {
  test("when its user confirms it, and when they confirm another", async () => {
    await using identity = await testIdentity();
    const { user, token } = await identity.person("ada");
    expect(await addressesOf(identity, user.id)).toEqual([]);
    await verify(identity, "ada@example.com", "email_verification");
    await identity.call("PATCH", "/auth/me", { token, body: { email: "Countess@Example.com" } });
    expect(await addressesOf(identity, user.id)).toEqual(["ada@example.com"]);
    await verify(identity, "Countess@Example.com", "email_change");
    expect(await addressesOf(identity, user.id)).toEqual(["ada@example.com", "Countess@Example.com"]);
  });

  test("when a superuser adds a user, and when they change one; null while the new one is not verified", async () => {
    await using identity = await testIdentity();
    const token = await identity.superuser();
    const body = { email: "ada@example.com", password, email_verified: true };
    const { id } = (await identity.call<User>("POST", "/auth/users", { token, body })).body;
    const change = (patch: object) => identity.call("PATCH", `/auth/users/${id}`, { token, body: patch });
    await change({ email: "countess@example.com" });
    await change({ email_verified: true });
    await change({ email: "byron@example.com", email_verified: true });
    await change({ email_verified: false });
    expect(await addressesOf(identity, id)).toEqual([
      "ada@example.com",
      null,
      "countess@example.com",
      "byron@example.com",
      "byron@example.com",
    ]);
    const [last] = (await identity.events("user.updated")).slice(-1);
    expect(JSON.parse(String(last?.["data"]))).toMatchObject({ changed: ["email_verified"] });
  });

  test("when somebody logs in by a directory that knows it", async () => {
    const directory: CorporateDirectory = {
      origin: "https://directory.example.com",
      authenticate: async ({ username }) => ({
        ...{ guid: "g-1", ace_user_id: "7", username },
        verified_email: "jdoe@example.com",
      }),
    };
    await using identity = await testIdentity({ directory });
    const body = { account_id: "acme", username: "jdoe", password: "x" };
    const { body: tokens } = await identity.call<{ user_id: string }>("POST", "/auth/login/external", { body });
    expect(await addressesOf(identity, tokens.user_id)).toEqual(["jdoe@example.com"]);
  });
});

test("of an erased user no event tells the address any more", async () => {
  await using identity = await testIdentity();
  const { user, token } = await identity.person("ada");
  await verify(identity, "ada@example.com", "email_verification");
  await identity.call("DELETE", "/auth/me", { token, body: { password } });
  expect(await addressesOf(identity, user.id)).toEqual([null]);
  expect(JSON.stringify(await identity.db.query(sql`select data from journal`))).not.toContain("ada@example.com");
});

test("an upgrade tells once of each address that was verified before events carried it", async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryDirectory("addresses"));
  const db = await openDatabase(`file:${folder.path}/identity.db`);
  stack.defer(() => db.close());
  const all = readMigrations("identity");
  const at = all.findIndex(({ tag }) => tag.endsWith("known_addresses"));
  await migrate(db, all.slice(0, at));
  const columns = "id, username, email, email_key, email_verified, created_at, updated_at";
  const since = "2026-01-01T00:00:00.000Z";
  await db.write([
    raw(
      `insert into users (${columns}) values ('b', 'bea', 'Bea@example.com', 'bea@example.com', 1, '${since}', '${since}')`,
    ),
    raw(
      `insert into users (${columns}) values ('a', 'ada', 'ada@example.com', 'ada@example.com', 1, '${since}', '${since}')`,
    ),
    raw(
      `insert into users (${columns}) values ('c', 'cyd', 'cyd@example.com', 'cyd@example.com', 0, '${since}', '${since}')`,
    ),
    raw(`insert into users (${columns}) values ('d', 'dan', null, null, 1, '${since}', '${since}')`),
  ]);
  await migrate(db, all.slice(0, at + 1));
  const rows = await db.query(sql`select seq, event_id, type, aggregate_id, time, data from journal order by seq`);
  const uuid = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
  const event = {
    event_id: expect.stringMatching(uuid),
    type: "user.email_known",
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  };
  expect(rows).toEqual([
    { ...event, seq: 1, aggregate_id: "a", data: JSON.stringify({ user_id: "a", email: "ada@example.com" }) },
    { ...event, seq: 2, aggregate_id: "b", data: JSON.stringify({ user_id: "b", email: "Bea@example.com" }) },
  ]);
  await migrate(db, all);
  expect(await db.query(sql`select count(*) as n from journal`)).toEqual([{ n: 2 }]);
});
