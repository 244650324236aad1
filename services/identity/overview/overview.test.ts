import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { roundTrips } from "@stoa/testing";
import { password, testIdentity } from "../test/harness.ts";
import { enrolled } from "../test/mfa.ts";
import { testOrganization } from "../test/organizations.ts";
import type { Overview } from "./schema.ts";

type Identity = Awaited<ReturnType<typeof testIdentity>>;

const overview = async (identity: Identity, id: string, token: string) =>
  (await identity.call<Overview>("GET", `/auth/users/${id}/overview`, { token })).body;
const fail = (identity: Identity, username: string) =>
  identity.call("POST", "/auth/login", { body: { username, password: "wrong wrong wrong" } });

describe("GET /auth/users/{id}/overview", () => {
  test("shows in one read who a person is, how they prove it, and what happened", async () => {
    await using all = await testOrganization();
    const { identity, ada, eve, organization, path } = all;
    const sent = { email: "cyd@example.com", role: "member" };
    await identity.call("POST", `${path}/invitations`, { token: ada.token, body: sent });
    await identity.call("POST", `${path}/invitations`, {
      token: ada.token,
      body: { email: "eve@example.com", role: "owner" },
    });
    await identity.call("PATCH", "/auth/me", { token: eve.token, body: { username: "evelyn" } });
    await fail(identity, "evelyn");
    const seen = await overview(identity, eve.user.id, all.root);
    expect(seen).toMatchObject({
      user: { id: eve.user.id, username: "evelyn" },
      sessions: [{ id: eve.tokens.session_id, is_active: true, current: false }],
      factors: [],
      recovery_codes_left: 0,
      corporate: [],
      throttles: expect.arrayContaining([
        expect.objectContaining({ scope: "account", failures: 1, blocked_until: null }),
      ]),
      attempts: [{ type: "login.failed", subject_id: eve.user.id, data: { kind: "password" } }],
      memberships: [],
      invitations: [{ status: "pending", role: "owner", organization_name: "Engines", inviter_name: "ada" }],
      sent_invitations: [],
      former_usernames: [{ username: "eve" }],
    });
    expect(seen.audit.map(({ type }) => type)).toEqual(["user.updated", "session.started", "user.registered"]);
    const hers = await overview(identity, ada.user.id, all.root);
    expect(hers).toMatchObject({
      memberships: [{ organization_id: organization.id, organization_name: "Engines", role: "owner" }],
      sent_invitations: [{ email: "eve@example.com" }, { email: "cyd@example.com" }],
    });
  });

  test("shows factors and how many recovery codes are left, never their secrets; and the corporate link", async () => {
    await using identity = await testIdentity();
    const { id, secret, recovery_codes } = await enrolled(identity, "ada");
    await identity.db.write([
      sql`insert into external_identities (origin, guid, user_id, account_id, username, created_at)
        values ('https://directory.example', 'g-1', ${id}, '1', 'lovelace', '2026-11-20T09:00:00.000Z')`,
    ]);
    const seen = await overview(identity, id, await identity.superuser());
    expect(seen).toMatchObject({
      factors: [{ type: "totp", confirmed_at: expect.any(String) }],
      recovery_codes_left: 10,
      corporate: [{ origin: "https://directory.example", username: "lovelace" }],
    });
    for (const hidden of [secret, recovery_codes[0] ?? "", password])
      expect(JSON.stringify(seen)).not.toContain(hidden);
  });

  test("has at most twenty of each kind, in one round trip", async () => {
    await using identity = await testIdentity();
    const { user } = await identity.person("ada");
    const token = await identity.superuser();
    await identity.call("GET", "/auth/me", { token });
    for (let i = 0; i < 22; i++) await identity.login("ada");
    let seen: Overview | undefined;
    const trips = await roundTrips(identity.db, async () => {
      seen = await overview(identity, user.id, token);
    });
    expect([seen?.sessions.length, seen?.audit.length, trips]).toEqual([20, 20, 1]);
  });

  test("404 for nobody, 403 for users, 401 without a token", async () => {
    await using all = await testOrganization();
    const { identity, ada, eve, root } = all;
    const at = `/auth/users/${eve.user.id}/overview`;
    expect(await all.statuses("GET", at, [undefined, eve.token, ada.token, root])).toEqual([401, 403, 403, 200]);
    const missing = "/auth/users/019aa0f0-0000-7000-8000-000000000000/overview";
    expect((await identity.call("GET", missing, { token: root })).status).toBe(404);
  });
});

describe("DELETE /auth/users/{id}/throttle", () => {
  test("204: they can log in at once, with an event; when nothing is counted nothing happens", async () => {
    await using identity = await testIdentity();
    const { id } = await identity.register("ada");
    for (let i = 0; i < 5; i++) await fail(identity, "ada");
    const login = () => identity.call("POST", "/auth/login", { body: { username: "ada", password } });
    expect((await login()).body.error_code).toBe("login_throttled");
    const token = await identity.superuser();
    const { user_id } = await identity.verify(token);
    const lift = () => identity.call("DELETE", `/auth/users/${id}/throttle`, { token });
    expect((await lift()).status).toBe(204);
    expect((await login()).status).toBe(200);
    expect(await identity.events("login.throttle_lifted")).toMatchObject([{ aggregate_id: id, actor_id: user_id }]);
    expect((await lift()).status).toBe(204);
    expect(await identity.events("login.throttle_lifted")).toHaveLength(1);
  });

  test("403 step_up_required after ten minutes, and with a password alone where the superuser has a factor", async () => {
    await using identity = await testIdentity();
    const { id } = await identity.register("ada");
    const token = await identity.superuser();
    const { user_id } = await identity.verify(token);
    await fail(identity, "ada");
    const lift = () => identity.call("DELETE", `/auth/users/${id}/throttle`, { token });
    await identity.db.write([sql`update users set mfa_enabled = 1 where id = ${user_id}`]);
    expect((await lift()).body).toMatchObject({ status: 403, error_code: "step_up_required" });
    await identity.db.write([sql`update users set mfa_enabled = 0 where id = ${user_id}`]);
    identity.clock.ahead = 11 * 60_000;
    expect((await lift()).body.error_code).toBe("step_up_required");
    identity.clock.ahead = 0;
    expect((await lift()).status).toBe(204);
  });

  test("404 for nobody, 403 for users, 401 without a token", async () => {
    await using all = await testOrganization();
    const at = `/auth/users/${all.eve.user.id}/throttle`;
    expect(await all.statuses("DELETE", at, [undefined, all.eve.token, all.root])).toEqual([401, 403, 204]);
    const missing = "/auth/users/019aa0f0-0000-7000-8000-000000000000/throttle";
    expect((await all.identity.call("DELETE", missing, { token: all.root })).status).toBe(404);
  });
});

test("enabling a user lifts the throttle, one by one and in bulk", async () => {
  await using identity = await testIdentity();
  const [ada, grace] = [await identity.register("ada"), await identity.register("grace")];
  const token = await identity.superuser();
  const ids = [ada.id, grace.id];
  for (const name of ["ada", "grace"]) for (let i = 0; i < 5; i++) await fail(identity, name);
  await identity.call("POST", "/auth/users/bulk", { token, body: { ids, action: "disable" } });
  await identity.call("PUT", `/auth/users/${ada.id}/enable`, { token });
  await identity.call("POST", "/auth/users/bulk", { token, body: { ids, action: "enable" } });
  for (const name of ["ada", "grace"]) expect(await identity.login(name)).toBeDefined();
});
