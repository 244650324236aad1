import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import type { Tokens } from "../sessions/schema.ts";
import { password, root, type TestIdentity, testIdentity } from "../test/harness.ts";
import { mailedToken, mailsTo } from "../test/mails.ts";
import type { User } from "../users/schema.ts";
import type { CorporateDirectory } from "./corporate-directory.ts";
import type { CorporateRules } from "./rules.ts";
import type { ExternalTokens } from "./schema.ts";

const address = "ada@example.com";

/** Ada verified her address here, and has a role in the directory, which knows the address too. */
async function corporate(rules: Partial<CorporateRules> = {}) {
  const directory: CorporateDirectory & { role: string | null } = {
    origin: "https://directory.example",
    role: null,
    authenticate: async ({ username }) => ({
      guid: `g-${username}`,
      ace_user_id: 7,
      username,
      verified_email: username === "ada" ? address : null,
      role: directory.role,
    }),
  };
  const identity = await testIdentity({ directory, corporate: rules });
  const ada = await identity.person("ada");
  await identity.db.write([sql`update users set email_verified = 1 where id = ${ada.user.id}`]);
  const logIn = async (username = "ada") => {
    const body = { account_id: "acme", username, password: "x" };
    const answer = await identity.call<ExternalTokens>("POST", "/auth/login/external", { body });
    expect(answer.status).toBe(200);
    return answer.body;
  };
  const me = async ({ access_token }: { access_token: string }) =>
    (await identity.call<User>("GET", "/auth/me", { token: access_token })).body;
  return { identity, ada, directory, logIn, me, [Symbol.asyncDispose]: () => identity[Symbol.asyncDispose]() };
}

const forgot = (identity: TestIdentity) => identity.call("POST", "/auth/password/forgot", { body: { email: address } });

const kinds = async (identity: TestIdentity) => (await mailsTo(identity.db, address)).map(({ kind }) => kind);

test("two people who are the first with a role at the same time both get it", async () => {
  await using all = await corporate({ roles: [{ directory: "keeper", role: "keeper" }] });
  all.directory.role = "keeper";
  const tokens = await Promise.all(["bea", "cyd", "dot", "eli"].map((name) => all.logIn(name)));
  for (const token of tokens) expect((await all.me(token)).roles).toEqual(["keeper"]);
});

describe("linking a local user", () => {
  test("ends their sessions, removes their password, and mails them", async () => {
    await using all = await corporate();
    const { identity, ada, logIn } = all;
    const other = await identity.login("ada");
    const { access_token, user_id } = await logIn();
    expect(user_id).toBe(ada.user.id);
    for (const token of [ada.token, other.access_token]) {
      expect((await identity.call("GET", "/auth/me", { token })).body.error_code).toBe("session_revoked");
    }
    expect((await identity.call("GET", "/auth/me", { token: access_token })).status).toBe(200);
    const local = { body: { username: "ada", password } };
    expect((await identity.call("POST", "/auth/login", local)).status).toBe(401);
    expect(await kinds(identity)).toEqual(["email_verification", "external_linked"]);
    const [revoked] = await identity.events("session.revoked");
    expect(JSON.parse(String(revoked?.["data"]))).toMatchObject({ reason: "linked" });
  });

  test("a later login ends nothing more", async () => {
    await using all = await corporate();
    const first = await all.logIn();
    await all.logIn();
    expect((await all.identity.call("GET", "/auth/me", { token: first.access_token })).status).toBe(200);
    expect(await kinds(all.identity)).toEqual(["email_verification", "external_linked"]);
  });
});

describe("a linked user's password", () => {
  const change = { current_password: "x", new_password: "nine swans under the bridge" };

  test("is not set here: 403; who forgot it is mailed how they log in, five times an hour", async () => {
    await using all = await corporate();
    const { identity } = all;
    const { access_token: token } = await all.logIn();
    const set = await identity.call("PUT", "/auth/me/password", { token, body: change });
    expect([set.status, set.body.error_code]).toEqual([403, "forbidden"]);
    for (let i = 0; i < 7; i++) expect((await forgot(identity)).status).toBe(202);
    const sent = (await kinds(identity)).slice(2);
    expect(sent).toEqual(Array<"password_elsewhere">(5).fill("password_elsewhere"));
    expect((await mailsTo(identity.db, address)).at(-1)?.text).toContain("corporate password");
  });

  test("is not reset by a token from before the link", async () => {
    await using all = await corporate();
    const { identity } = all;
    await forgot(identity);
    const token = await mailedToken(identity.db, address, "password_reset");
    await all.logIn();
    const body = { token, new_password: change.new_password };
    expect((await identity.call("POST", "/auth/password/reset", { body })).body.error_code).toBe("invalid_ticket");
  });

  test("is reset and set with CORPORATE_LOCAL_PASSWORDS", async () => {
    await using all = await corporate({ local_passwords: true });
    const { identity } = all;
    await all.logIn();
    await forgot(identity);
    const token = await mailedToken(identity.db, address, "password_reset");
    const body = { token, new_password: change.new_password };
    expect((await identity.call("POST", "/auth/password/reset", { body })).status).toBe(204);
    const local = await identity.login("ada", change.new_password);
    const next = { current_password: change.new_password, new_password: "four otters in the canal" };
    const set = await identity.call("PUT", "/auth/me/password", { token: local.access_token, body: next });
    expect(set.status).toBe(204);
  });
});

describe("CORPORATE_SESSION_DAYS", () => {
  const day = 86_400_000;
  const refresh = (identity: TestIdentity, { refresh_token }: { refresh_token: string }) =>
    identity.call<Tokens>("POST", "/auth/refresh", { body: { refresh_token } });

  test("a corporate session ends after them however often it is refreshed; one with a password here goes on", async () => {
    await using all = await corporate({ session_days: 3 });
    const { identity } = all;
    await identity.register("grace");
    let corporately: { refresh_token: string } = await all.logIn();
    let locally: { refresh_token: string } = await identity.login("grace");
    for (let days = 1; days < 3; days++) {
      identity.clock.ahead = days * day;
      corporately = (await refresh(identity, corporately)).body;
      locally = (await refresh(identity, locally)).body;
    }
    identity.clock.ahead = 3 * day + 1_000;
    const ended = await identity.call("POST", "/auth/refresh", { body: { refresh_token: corporately.refresh_token } });
    expect(ended.body.error_code).toBe("refresh_token_expired");
    expect((await refresh(identity, locally)).status).toBe(200);
  });
});

describe("CORPORATE_ROLES", () => {
  const roles = [
    { directory: "admin", role: "admin" },
    { directory: "admin", role: "auditor" },
    { directory: "lead", role: "manager" },
  ];

  test("without it the directory's role gives nothing", async () => {
    await using all = await corporate();
    all.directory.role = "superuser";
    expect(await all.me(await all.logIn())).toMatchObject({ roles: [], is_superuser: false });
  });

  test("gives the roles that it names at the login, in its tokens too, and takes them away when the directory does", async () => {
    await using all = await corporate({ roles });
    const { identity, directory } = all;
    const token = await identity.superuser();
    await identity.call("POST", "/auth/roles", { token, body: { name: "by-hand" } });
    await identity.call("PUT", `/auth/users/${all.ada.user.id}/roles`, { token, body: { roles: ["by-hand"] } });
    directory.role = "Admin";
    const tokens = await all.logIn();
    expect((await identity.verify(tokens.access_token)).roles).toEqual(["admin", "auditor", "by-hand"]);
    directory.role = "lead";
    expect((await all.me(await all.logIn())).roles).toEqual(["by-hand", "manager"]);
    directory.role = "intern";
    expect((await all.me(await all.logIn())).roles).toEqual(["by-hand"]);
    expect((await identity.events("user.roles_changed")).at(-1)).toMatchObject({ actor_id: all.ada.user.id });
  });

  test("what gives nothing new writes nothing", async () => {
    await using all = await corporate({ roles });
    all.directory.role = "lead";
    await all.logIn("newcomer");
    await all.logIn("newcomer");
    expect(await all.identity.events("user.roles_changed")).toHaveLength(1);
    expect(await all.identity.events("role.created")).toHaveLength(1);
  });

  test("makes superusers only where it says so, and no longer when the directory does not; the last one stays", async () => {
    await using all = await corporate({ roles: [...roles, { directory: "boss", role: "superuser" }] });
    const { identity, directory } = all;
    directory.role = "superuser";
    expect(await all.me(await all.logIn())).toMatchObject({ is_superuser: false });
    directory.role = "boss";
    expect(await all.me(await all.logIn())).toMatchObject({ is_superuser: true, roles: [] });
    directory.role = "lead";
    expect(await all.me(await all.logIn())).toMatchObject({ is_superuser: false, roles: ["manager"] });
    directory.role = "boss";
    await all.logIn();
    await identity.db.write([sql`update users set is_active = 0 where email = ${root.email}`]);
    directory.role = null;
    expect(await all.me(await all.logIn())).toMatchObject({ is_superuser: true, roles: [] });
    expect(identity.logged.join("\n")).toContain("The last active superuser stays one");
  });

  test("what would not fit a token is not given, and the login goes on", async () => {
    const many = Array.from({ length: 80 }, (_, index) => ({ directory: "admin", role: `${index}`.padStart(64, "r") }));
    await using all = await corporate({ roles: many });
    all.directory.role = "admin";
    expect((await all.me(await all.logIn())).roles).toEqual([]);
    expect(all.identity.logged.join("\n")).toContain("do not fit a token");
  });
});
