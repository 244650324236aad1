import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { spellings } from "@stoa/mail/test/spellings";
import type { CorporateDirectory } from "../external/corporate-directory.ts";
import type { Organization } from "../organizations/schema.ts";
import type { DirectoryEntry, User } from "../users/schema.ts";
import { password, type TestIdentity, testIdentity } from "./harness.ts";
import { mailsTo } from "./mails.ts";

const register = (identity: TestIdentity, email: string, username: string) =>
  identity.call<User & { error_code?: string }>("POST", "/auth/register", { body: { email, password, username } });

const importing = async (identity: TestIdentity, token: string, email: string) => {
  const response = await identity.request("/auth/users/import", {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/x-ndjson" },
    body: JSON.stringify({ email, username: "imported" }),
  });
  return response.json();
};

/** A directory that vouches for one address. */
function directoryOf(verified_email: string): CorporateDirectory {
  const person = { guid: "g-1", ace_user_id: 1, username: "corporate", verified_email };
  return { origin: "https://directory.example.com", authenticate: async () => person };
}

describe.each(spellings)("%s", (_, kept, typed) => {
  test("register, import, a superuser's new user and a change of address: the mailbox is taken", async () => {
    await using identity = await testIdentity();
    expect((await register(identity, kept, "somebody")).status).toBe(201);
    const token = await identity.superuser();
    const grace = await identity.person("grace");
    const answers = [
      await register(identity, typed, "another"),
      await identity.call("POST", "/auth/users", { token, body: { email: typed, password, username: "another" } }),
      await identity.call("PATCH", "/auth/me", { token: grace.token, body: { email: typed } }),
      await identity.call("PATCH", `/auth/users/${grace.user.id}`, { token, body: { email: typed } }),
    ];
    for (const { status, body } of answers) expect([status, body.error_code]).toEqual([409, "email_taken"]);
    expect(await importing(identity, token, typed)).toMatchObject({ error: { error_code: "email_taken" } });
  });

  test("login and a forgotten password: it is the user's, and the mail goes to the address as it was registered", async () => {
    await using identity = await testIdentity();
    expect((await register(identity, kept, "somebody")).status).toBe(201);
    const login = await identity.call("POST", "/auth/login", { body: { email: typed, password } });
    expect(login.status).toBe(200);
    expect((await identity.call("POST", "/auth/password/forgot", { body: { email: typed } })).status).toBe(202);
    const kinds = (await mailsTo(identity.db, kept.normalize("NFC"))).map(({ kind }) => kind);
    expect(kinds).toContain("password_reset");
  });

  test("invitations: accepted, not sent twice, refused for a member, counted, and gone with an erasure", async () => {
    await using identity = await testIdentity();
    const { body: user } = await register(identity, kept, "somebody");
    await identity.db.write([sql`update users set email_verified = 1`]);
    const ada = await identity.person("ada");
    const { token } = await identity.login("somebody").then(({ access_token }) => ({ token: access_token }));
    const { body: organization } = await identity.call<Organization>("POST", "/organizations", {
      token: ada.token,
      body: { name: "Engines" },
    });
    const at = `/organizations/${organization.id}/invitations`;
    const invite = (email: string) =>
      identity.call<{ id: string; error_code?: string }>("POST", at, {
        token: ada.token,
        body: { email, role: "member" },
      });
    const first = await invite(typed);
    expect(first.status).toBe(201);
    expect((await invite(kept)).body.error_code).toBe("already_invited");
    for (let sent = 1; sent < 5; sent++) {
      const { items } = (await identity.call<{ items: { id: string }[] }>("GET", at, { token: ada.token })).body;
      await identity.call("DELETE", `${at}/${items[0]?.id}`, { token: ada.token });
      expect((await invite(sent % 2 === 0 ? typed : kept)).status).toBe(201);
    }
    const own = await identity.call<{ items: { id: string }[] }>("GET", "/invitations", { token });
    const accepted = await identity.call("POST", `/invitations/${own.body.items[0]?.id}/accept`, { token });
    expect(accepted.status).toBe(200);
    expect((await invite(typed)).body.error_code).toBe("already_member");
    const { token: other } = await identity.person("other");
    await identity.call("DELETE", `/organizations/${organization.id}/members/${user.id}`, { token: ada.token });
    expect((await invite(typed)).body.error_code).toBe("rate_limited");
    expect((await identity.call("POST", `/invitations/${first.body.id}/accept`, { token: other })).status).toBe(403);
    expect((await identity.call("DELETE", "/auth/me", { token, body: { password } })).status).toBe(204);
    expect(await identity.db.query(sql`select email from invitations where status <> 'pending'`)).toEqual([]);
  });

  test("a corporate login is linked to the user who has verified it", async () => {
    await using identity = await testIdentity({ directory: directoryOf(typed.normalize("NFC")) });
    const { body: user } = await register(identity, kept, "somebody");
    await identity.db.write([sql`update users set email_verified = 1`]);
    const body = { account_id: "acme", username: "corporate", password };
    const login = await identity.call<{ user_id: string }>("POST", "/auth/login/external", { body });
    expect([login.status, login.body.user_id]).toEqual([200, user.id]);
  });

  test("superusers find the user by it", async () => {
    await using identity = await testIdentity();
    const { body: user } = await register(identity, kept, "somebody");
    const token = await identity.superuser();
    const found = await identity.call<{ items: User[] }>("GET", `/auth/users?q=${encodeURIComponent(typed)}`, {
      token,
    });
    expect(found.body.items.map(({ id }) => id)).toEqual([user.id]);
  });
});

test.each([
  ["zero width", "a\u200bna@example.com"],
  ["a soft hyphen in the domain", "ana@exam\u00adple.com"],
  ["a mark of direction", "\u202eana@example.com"],
  ["a filler", "ana\u3164@example.com"],
])("an address with what nobody sees is no address, and logs in whom it looks like: %s", async (_, email) => {
  await using identity = await testIdentity();
  expect((await register(identity, "ana@example.com", "ana")).status).toBe(201);
  const { status, body } = await register(identity, email, "another");
  expect([status, body.error_code]).toEqual([422, "validation_failed"]);
  expect((await identity.call("POST", "/auth/login", { body: { email, password } })).status).toBe(200);
});

test("usernames: case and normal form are one name, everything else is no name or another", async () => {
  await using identity = await testIdentity();
  expect((await register(identity, "kim@example.com", "kim.k")).status).toBe(201);
  for (const name of ["KIM.K", "\u212Aim.\u212A"]) {
    const { body } = await register(identity, "another@example.com", name);
    expect([name, body.error_code]).toEqual([name, "username_taken"]);
    expect((await identity.call("POST", "/auth/login", { body: { username: name, password } })).status).toBe(200);
  }
  for (const name of ["ｋim.k", "kim\u200b.k", "kim.\u202ek", "кim.k", "kïm.k"]) {
    const { status } = await register(identity, "another@example.com", name);
    expect([name, status]).toEqual([name, 422]);
    expect((await identity.call("POST", "/auth/login", { body: { username: name, password } })).status).toBe(401);
  }
});

describe("names of people", () => {
  const names = [
    ["case", "Élodie Ångström", "éLODIE"],
    ["normal form", "Élodie Ångström", "e\u0301lodie"],
    ["without marks", "Élodie Ångström", "angstrom"],
    ["full width", "Ｋim Ｌee", "kim"],
    ["the Kelvin sign", "\u212Aelvin", "kelvin"],
    ["zero width", "A\u200bda", "ada"],
    ["what one capital stands for", "Straße", "STRASSE"],
    ["right to left", "דנה לוי", "דנה"],
    ["ASCII", "Ada Lovelace", "ADA"],
  ] as const;

  test.each(names)(
    "found by a superuser's q and in the directory, until it is changed: %s",
    async (_, full_name, q) => {
      await using identity = await testIdentity();
      const [ana, bob] = [await identity.person("one"), await identity.person("two")];
      const { body: organization } = await identity.call<Organization>("POST", "/organizations", {
        token: ana.token,
        body: { name: "Engines" },
      });
      const body = { user_id: bob.user.id, role: "member" };
      await identity.call("POST", `/organizations/${organization.id}/members`, { token: ana.token, body });
      const root = await identity.superuser();
      const found = async (path: string, token: string) => {
        const at = `${path}?q=${encodeURIComponent(q)}`;
        const { items } = (await identity.call<{ items: DirectoryEntry[] }>("GET", at, { token })).body;
        return items.map(({ id }) => id);
      };
      const everywhere = async () => [await found("/auth/users", root), await found("/auth/directory", bob.token)];
      await identity.call("PATCH", "/auth/me", { token: ana.token, body: { full_name } });
      expect(await everywhere()).toEqual([[ana.user.id], [ana.user.id]]);
      await identity.call("PATCH", `/auth/users/${ana.user.id}`, { token: root, body: { full_name: "Nobody" } });
      expect(await everywhere()).toEqual([[], []]);
      await identity.call("PATCH", `/auth/users/${ana.user.id}`, { token: root, body: { full_name } });
      expect(await everywhere()).toEqual([[ana.user.id], [ana.user.id]]);
    },
  );
});
