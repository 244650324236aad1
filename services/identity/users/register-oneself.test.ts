import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { meanwhile } from "@stoa/testing";
import type { Deps } from "../deps.ts";
import type { Organization } from "../organizations/schema.ts";
import { password, root, testIdentity } from "../test/harness.ts";
import { mailedToken, mailsTo } from "../test/mails.ts";
import type { User } from "./schema.ts";

const email = "eve@example.com";

/** Identity where the first superuser has invited Eve to an organization, with the token that was mailed to her. */
async function inviting(registration: Deps["registration"]) {
  const identity = await testIdentity({ registration });
  const token = await identity.superuser();
  const { body: organization } = await identity.call<Organization>("POST", "/organizations", {
    token,
    body: { name: "Engines" },
  });
  const path = `/organizations/${organization.id}/invitations`;
  const { body: sent } = await identity.call<{ id: string }>("POST", path, { token, body: { email, role: "member" } });
  const invitation = await mailedToken(identity.db, email, "invitation");
  return {
    identity,
    root: token,
    invitation,
    sent: `${path}/${sent.id}`,
    register: (more: object = {}) =>
      identity.call<User & { error_code?: string; errors?: { path: string }[] }>("POST", "/auth/register", {
        body: { email, password, username: "eve", ...more },
      }),
    [Symbol.asyncDispose]: () => identity[Symbol.asyncDispose](),
  };
}

describe("REGISTRATION=invited", () => {
  test("201 with the token of an invitation, which verifies the address and can be accepted after the login", async () => {
    await using all = await inviting("invited");
    const { identity, invitation, register } = all;
    const { status, body } = await register({ invitation });
    expect([status, body]).toMatchObject([201, { email, email_verified: true }]);
    expect(await identity.events("user.email_verified")).toMatchObject([{ aggregate_id: body.id }]);
    expect((await mailsTo(identity.db, email)).map(({ kind }) => kind)).toEqual(["invitation"]);
    const { access_token } = await identity.login("eve");
    const accepted = await identity.call<Organization>("POST", "/invitations/accept", {
      token: access_token,
      body: { token: invitation },
    });
    expect([accepted.status, accepted.body.role]).toEqual([200, "member"]);
  });

  test("403 registration_closed without it, whoever is invited or registered already", async () => {
    await using all = await inviting("invited");
    expect((await all.register()).body).toMatchObject({ status: 403, error_code: "registration_closed" });
    expect((await all.register({ email: root.email })).body.error_code).toBe("registration_closed");
    expect((await all.register({ email: root.email, password: "x" })).body.error_code).toBe("registration_closed");
    const signup = await all.identity.call("POST", "/auth/signup", { body: { email, password } });
    expect(signup.body.error_code).toBe("registration_closed");
  });

  test("422 invalid_ticket for a token that is unknown, revoked, too old, accepted, or of an inviter who may not", async () => {
    await using all = await inviting("invited");
    const { identity, invitation, register } = all;
    const code = async (its = invitation) => (await register({ invitation: its })).body.error_code;
    expect(await code("x")).toBe("invalid_ticket");
    for (const [change, back] of [
      [sql`update invitations set status = 'accepted'`, sql`update invitations set status = 'pending'`],
      [sql`update users set is_active = 0`, sql`update users set is_active = 1`],
    ] as const) {
      await identity.db.write([change]);
      expect(await code()).toBe("invalid_ticket");
      await identity.db.write([back]);
    }
    identity.clock.ahead = 8 * 86_400_000;
    expect(await code()).toBe("invalid_ticket");
    identity.clock.ahead = 0;
    await identity.call("DELETE", all.sent, { token: all.root });
    expect(await code()).toBe("invalid_ticket");
  });

  test("422 invalid_ticket for an invitation that is revoked while the password is hashed", async () => {
    await using all = await inviting("invited");
    const { identity, invitation, register } = all;
    meanwhile(identity.db, () => identity.call("DELETE", all.sent, { token: all.root }));
    expect((await register({ invitation })).body.error_code).toBe("invalid_ticket");
    expect(await identity.db.query(sql`select 1 from users where username = 'eve'`)).toEqual([]);
  });

  test("403 forbidden for the token of another address; any spelling of its own is good", async () => {
    await using all = await inviting("invited");
    const { invitation, register } = all;
    expect((await register({ invitation, email: "mal@example.com" })).body).toMatchObject({
      status: 403,
      error_code: "forbidden",
    });
    expect((await register({ invitation, email: "EVE@example.com" })).status).toBe(201);
  });

  test("a refused password leaves the token good; the second registration with it is 409 email_taken", async () => {
    await using all = await inviting("invited");
    const { invitation, register } = all;
    expect((await register({ invitation, password: "short" })).body.error_code).toBe("weak_password");
    expect((await register({ invitation })).status).toBe(201);
    expect((await register({ invitation, username: "eve2" })).body.error_code).toBe("email_taken");
  });

  test("superusers add users, and import them", async () => {
    await using all = await inviting("closed");
    const { identity, root: token } = all;
    expect((await identity.call("POST", "/auth/users", { token, body: { email, password } })).status).toBe(201);
    const imported = await identity.request("/auth/users/import", {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/x-ndjson" },
      body: '{"email":"ada@example.com"}',
    });
    expect(await imported.text()).toContain("created");
  });
});

test("REGISTRATION=closed: 403 registration_closed, with an invitation too", async () => {
  await using all = await inviting("closed");
  expect((await all.register()).body).toMatchObject({ status: 403, error_code: "registration_closed" });
  expect((await all.register({ invitation: all.invitation })).body.error_code).toBe("registration_closed");
});

test("REGISTRATION=open: an invitation is not needed, but one that is sent is looked at, and verifies", async () => {
  await using all = await inviting("open");
  const { register, invitation } = all;
  expect((await register({ email: "ada@example.com", username: "ada" })).body.email_verified).toBe(false);
  expect((await register({ invitation: "x" })).body.error_code).toBe("invalid_ticket");
  expect((await register({ invitation })).body.email_verified).toBe(true);
});

test("a corporate login passes whatever REGISTRATION says", async () => {
  const person = { guid: "g-1", ace_user_id: 7, username: "bea", verified_email: "bea@example.com" };
  const directory = { origin: "https://directory.example", authenticate: async () => person };
  await using identity = await testIdentity({ registration: "closed", directory });
  const body = { account_id: "acme", username: "bea", password: "x" };
  expect((await identity.call("POST", "/auth/login/external", { body })).status).toBe(200);
});

test("GET /auth/settings says to anyone what there is here", async () => {
  await using identity = await testIdentity({ registration: "invited" });
  const { status, body } = await identity.call("GET", "/auth/settings");
  expect([status, body]).toEqual([
    200,
    { registration: "invited", corporate_login: false, passkeys: false, version: identity.deps.http.version },
  ] as never);
});
