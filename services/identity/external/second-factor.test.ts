import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import type { Tokens } from "../sessions/schema.ts";
import { password, testIdentity } from "../test/harness.ts";
import { mailsTo } from "../test/mails.ts";
import { codeOf, enrolled, STEP_MS } from "../test/mfa.ts";
import type { User } from "../users/schema.ts";
import type { CorporateDirectory } from "./corporate-directory.ts";

const address = "ada@example.com";
const ours = { username: "ada", password };

/** Ada verified her address here and has an app; the directory says of `ada` and `eve` that the address is theirs. */
async function corporate() {
  const directory: CorporateDirectory = {
    origin: "https://directory.example",
    authenticate: async ({ username }) => ({
      guid: `g-${username}`,
      ace_user_id: 7,
      username,
      verified_email: address,
      role: "lead",
    }),
  };
  const roles = [{ directory: "lead", role: "manager" }];
  const identity = await testIdentity({ directory, corporate: { roles } });
  const ada = await enrolled(identity, "ada");
  const verified = (email_verified: boolean) =>
    identity.db.write([sql`update users set email_verified = ${email_verified} where id = ${ada.id}`]);
  await verified(true);
  const first = (username = "ada") =>
    identity.call<Tokens & { error_code?: string; mfa_token: string }>("POST", "/auth/login/external", {
      body: { account_id: "acme", username, password: "x" },
    });
  const second = (mfa_token: string, code = codeOf(identity, ada.secret)) =>
    identity.call<Tokens & { error_code?: string; tries_left?: number }>("POST", "/auth/mfa/verify", {
      body: { mfa_token, code },
    });
  const me = async (token: string) => (await identity.call<User>("GET", "/auth/me", { token })).body;
  /** What a link changes. */
  const state = async () => ({
    linked: (await identity.events("user.external_linked")).length,
    people: (await identity.db.query(sql`select 1 from external_identities`)).length,
    session: (await identity.call("GET", "/auth/me", { token: ada.token })).status,
    password: (await identity.call("POST", "/auth/login", { body: ours })).body.error_code,
    mails: (await mailsTo(identity.db, address)).filter(({ kind }) => kind === "external_linked").length,
    roles: (await identity.events("user.roles_changed")).length,
  });
  return {
    identity,
    ada,
    verified,
    first,
    second,
    me,
    state,
    [Symbol.asyncDispose]: () => identity[Symbol.asyncDispose](),
  };
}

const unlinked = { linked: 0, people: 0, session: 200, password: "mfa_required", mails: 0, roles: 0 };

describe("a corporate login that is to link a user with a second factor", () => {
  test("changes nothing of them until the factor is proven, whatever is tried", async () => {
    await using all = await corporate();
    const { status, body } = await all.first();
    expect([status, body.error_code]).toEqual([401, "mfa_required"]);
    expect(await all.state()).toEqual(unlinked);
    expect((await all.second(body.mfa_token, "000000")).body).toMatchObject({
      error_code: "invalid_code",
      tries_left: 4,
    });
    expect(await all.state()).toEqual(unlinked);
  });

  test("links them with the right code: the session of that login lives, all others and the password are gone", async () => {
    await using all = await corporate();
    const { identity, ada } = all;
    const { status, body } = await all.second((await all.first()).body.mfa_token);
    expect(status).toBe(200);
    expect(await all.me(body.access_token)).toMatchObject({ id: ada.id, roles: ["manager"], mfa_enabled: true });
    expect(await all.state()).toEqual({
      linked: 1,
      people: 1,
      session: 401,
      password: "invalid_credentials",
      mails: 1,
      roles: 1,
    });
    const live = await identity.db.query(sql`select id from sessions where user_id = ${ada.id} and ended_at is null`);
    expect(live).toEqual([{ id: body.session_id }]);
    const [linked] = await identity.events("user.external_linked");
    expect([linked?.["actor_id"], JSON.parse(String(linked?.["data"]))]).toEqual([
      ada.id,
      { user_id: ada.id, origin: "https://directory.example" },
    ]);
    const [revoked] = (await identity.events("session.revoked")).slice(-1);
    expect(JSON.parse(String(revoked?.["data"]))).toMatchObject({ reason: "linked", session_ids: [ada.session_id] });
    // From then on they are known there, and the login is like any other of theirs.
    identity.clock.ahead += STEP_MS;
    expect((await all.second((await all.first()).body.mfa_token)).status).toBe(200);
    expect(await identity.events("user.external_linked")).toHaveLength(1);
  });

  test("a code that was used before links nobody", async () => {
    await using all = await corporate();
    const { identity, ada } = all;
    const code = codeOf(identity, ada.secret);
    const local = await identity.call<{ mfa_token: string }>("POST", "/auth/login", { body: ours });
    expect((await all.second(local.body.mfa_token, code)).status).toBe(200);
    const answer = await all.second((await all.first()).body.mfa_token, code);
    expect([answer.status, answer.body.error_code]).toEqual([401, "invalid_code"]);
    expect(await all.state()).toEqual(unlinked);
  });

  test("links nobody whose address is theirs no more when the code comes", async () => {
    await using all = await corporate();
    const { body } = await all.first();
    await all.verified(false);
    const answer = await all.second(body.mfa_token);
    expect([answer.status, answer.body.error_code, answer.body.tries_left]).toEqual([401, "invalid_code", 0]);
    expect(await all.state()).toEqual(unlinked);
    // The code is good still.
    await all.verified(true);
    expect((await all.second((await all.first()).body.mfa_token)).status).toBe(200);
  });

  test("of two people with the address, the one who proves the factor first is linked", async () => {
    await using all = await corporate();
    const [ada, eve] = [await all.first("ada"), await all.first("eve")];
    expect((await all.second(eve.body.mfa_token)).status).toBe(200);
    all.identity.clock.ahead += STEP_MS;
    const late = await all.second(ada.body.mfa_token);
    expect([late.status, late.body.error_code]).toEqual([401, "invalid_code"]);
    expect(await all.state()).toMatchObject({ linked: 1, people: 1 });
  });

  test("decides anew when the factor goes in the middle of the login: then the link is made at once", async () => {
    await using all = await corporate();
    const { identity, ada } = all;
    const { write } = identity.db;
    identity.db.write = async (statements) => {
      if (statements.some(({ sql }) => sql.includes("mfa_challenges"))) {
        identity.db.write = write;
        await write([sql`update users set mfa_enabled = 0 where id = ${ada.id}`]);
      }
      return write(statements);
    };
    expect((await all.first()).status).toBe(200);
    expect(await identity.events("user.external_linked")).toHaveLength(1);
  });
});
