import { expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { meanwhile } from "@stoa/testing";
import { type TestIdentity, testIdentity } from "../test/harness.ts";
import { mailedToken } from "../test/mails.ts";
import { codeOf, enrolled, mfaToken } from "../test/mfa.ts";
import type { User } from "../users/schema.ts";

const address = "ada@example.com";
const new_password = "nine otters in the reeds";

async function reset(identity: TestIdentity, password = new_password) {
  await identity.call("POST", "/auth/password/forgot", { body: { email: address } });
  const token = await mailedToken(identity.db, address, "password_reset");
  return identity.call("POST", "/auth/password/reset", { body: { token, new_password: password } });
}

/** Somebody registered Ada's address, and made themselves at home. */
async function squatted(identity: TestIdentity) {
  const squatter = await enrolled(identity, "ada");
  const about = { full_name: "Mallory", bio: "Mine", email: "mallory@example.com" };
  expect((await identity.call("PATCH", "/auth/me", { token: squatter.token, body: about })).status).toBe(200);
  return squatter;
}

const link = (identity: TestIdentity, user_id: string) =>
  identity.db.write([
    sql`insert into external_identities (origin, guid, user_id, account_id, username, created_at)
      values ('https://directory.example.com', 'g', ${user_id}, '"a"', 'mallory', '2026-11-20T09:00:00.000Z')`,
  ]);

const data = async (identity: TestIdentity, type: string) =>
  (await identity.events(type)).map((event) => JSON.parse(String(event["data"])));

test("a reset tells the username that its user has when it is written", async () => {
  await using identity = await testIdentity();
  const { id } = await squatted(identity);
  const token = await identity.superuser();
  await identity.call("POST", "/auth/password/forgot", { body: { email: address } });
  const mailed = await mailedToken(identity.db, address, "password_reset");
  meanwhile(identity.db, () => identity.call("PATCH", `/auth/users/${id}`, { token, body: { username: "countess" } }));
  await identity.call("POST", "/auth/password/reset", { body: { token: mailed, new_password } });
  expect((await data(identity, "user.updated")).at(-1)).toEqual({ user_id: id, username: "countess", full_name: null });
});

test("a reset that verifies the address for the first time removes whatever a squatter set", async () => {
  await using identity = await testIdentity();
  const { id, token, secret, recovery_codes } = await squatted(identity);
  const mfa_token = await mfaToken(identity, "ada");
  await link(identity, id);
  const done = await reset(identity);
  expect(done.status).toBe(204);

  const tokens = await identity.login("ada", new_password);
  const { body: user } = await identity.call<User>("GET", "/auth/me", { token: tokens.access_token });
  expect(user).toMatchObject({
    email: address,
    email_verified: true,
    pending_email: null,
    full_name: null,
    bio: null,
    mfa_enabled: false,
  });
  const left = await identity.db.query(sql`select 1 from totp_factors union all select 1 from recovery_codes
    union all select 1 from mfa_challenges union all select 1 from external_identities`);
  expect(left).toEqual([]);
  for (const body of [
    { mfa_token, code: codeOf(identity, secret) },
    { mfa_token, recovery_code: recovery_codes[0] },
  ]) {
    expect((await identity.call("POST", "/auth/mfa/verify", { body })).status).toBe(401);
  }
  expect((await identity.call("GET", "/auth/me", { token })).status).toBe(401);
  expect(await data(identity, "mfa.disabled")).toEqual([{ user_id: id, factor: "totp" }]);
  expect(await data(identity, "user.external_unlinked")).toEqual([{ user_id: id }]);
  expect((await data(identity, "user.updated")).at(-1)).toEqual({ user_id: id, username: "ada", full_name: null });
});

test("an app that waits to be confirmed goes too", async () => {
  await using identity = await testIdentity();
  const { token } = await identity.person("ada");
  expect((await identity.call("POST", "/auth/mfa/totp", { token })).status).toBe(200);
  expect((await reset(identity)).status).toBe(204);
  expect(await identity.db.query(sql`select 1 from totp_factors`)).toEqual([]);
  expect(await identity.events("mfa.disabled")).toEqual([]);
});

test("a reset of an address that was verified before leaves the factor, the name and the bio", async () => {
  await using identity = await testIdentity();
  const { token } = await enrolled(identity, "ada");
  await identity.call("PATCH", "/auth/me", { token, body: { full_name: "Ada", bio: "Mine" } });
  await identity.db.write([sql`update users set email_verified = 1 where username = 'ada'`]);
  expect((await reset(identity)).status).toBe(204);
  const login = await identity.call("POST", "/auth/login", { body: { username: "ada", password: new_password } });
  expect(login.body.error_code).toBe("mfa_required");
  const [user] = await identity.db.query(sql`select full_name, bio from users where username = 'ada'`);
  expect({ ...user }).toEqual({ full_name: "Ada", bio: "Mine" });
});

test("the password that such a reset sets is as long as one without a second factor", async () => {
  await using identity = await testIdentity();
  await enrolled(identity, "ada");
  const { status, body } = await reset(identity, "k3#vQ9!z");
  expect([status, body.error_code]).toEqual([422, "weak_password"]);
});

test("someone who was imported, or added by a superuser, and never logged in keeps the name that they were given", async () => {
  await using identity = await testIdentity();
  const token = await identity.superuser();
  const imported = await identity.request("/auth/users/import", {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/x-ndjson" },
    body: JSON.stringify({ email: address, username: "ada", full_name: "Ada Lovelace" }),
  });
  expect(await imported.json()).toMatchObject({ outcome: "created" });
  expect((await reset(identity)).status).toBe(204);
  const tokens = await identity.login("ada", new_password);
  const { body } = await identity.call<User>("GET", "/auth/me", { token: tokens.access_token });
  expect(body).toMatchObject({ full_name: "Ada Lovelace", email_verified: true });
});
