import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import type { Tokens } from "../sessions/schema.ts";
import { employee, secret, startDirectory, testCorporate } from "../test/corporate.ts";
import { password, testIdentity } from "../test/harness.ts";
import { corporateDirectory } from "./client.ts";
import type { ExternalTokens } from "./schema.ts";

describe("a corporate user", () => {
  test("proves themselves with the corporate password wherever one is asked", async () => {
    await using all = await testCorporate(employee("jdoe"));
    const { identity, logIn } = all;
    const { access_token: token, session_id } = (await logIn("JDOE", { account_id: 7 })).body;
    const prove = (secret: string) =>
      identity.call<Tokens & { error_code: string }>("POST", "/auth/reauthenticate", {
        token,
        body: { password: secret },
      });
    expect((await prove("wrong")).body.error_code).toBe("wrong_password");
    expect(await prove(secret)).toMatchObject({ status: 200, body: { session_id } });
    expect(all.asked.at(-1)).toEqual({ account_id: 7, username: "JDOE", password: secret });
    all.down.is = true;
    expect((await prove(secret)).body.error_code).toBe("directory_unavailable");
    all.down.is = false;
    // Someone else with that name there by now is not them.
    Object.assign(all.employees[0] ?? {}, { guid: "guid-other" });
    expect((await prove(secret)).body.error_code).toBe("wrong_password");
    Object.assign(all.employees[0] ?? {}, { guid: "guid-jdoe" });
    expect((await identity.call("DELETE", "/auth/me", { token, body: { password: "wrong" } })).status).toBe(403);
    expect((await identity.call("DELETE", "/auth/me", { token, body: { password: secret } })).status).toBe(204);
    expect(await identity.db.query(sql`select 1 from external_identities`)).toEqual([]);
  });

  test("has no password of ours to log in with, and can choose one with CORPORATE_LOCAL_PASSWORDS", async () => {
    await using all = await testCorporate(employee("jdoe"));
    const { identity, logIn } = all;
    const { access_token: token } = (await logIn("jdoe")).body;
    const ours = (secret: string) =>
      identity.call("POST", "/auth/login", { body: { username: "jdoe", password: secret } });
    expect((await ours(secret)).status).toBe(401);
    const choice = { current_password: secret, new_password: password };
    expect((await identity.call("PUT", "/auth/me/password", { token, body: choice })).status).toBe(204);
    expect((await ours(password)).status).toBe(200);
  });

  test("a user who has a password here too may give either", async () => {
    await using all = await testCorporate(employee("jdoe", { email: "ada@example.com", email_verified: true }));
    const { identity, logIn } = all;
    const { user } = await identity.person("ada");
    await all.verify(user.id);
    const { access_token: token } = (await logIn("jdoe")).body;
    const choice = { current_password: secret, new_password: password };
    expect((await identity.call("PUT", "/auth/me/password", { token, body: choice })).status).toBe(204);
    const prove = async (secret: string) =>
      (await identity.call("POST", "/auth/reauthenticate", { token, body: { password: secret } })).status;
    const before = all.asked.length;
    expect(await prove(password)).toBe(200);
    expect(all.asked).toHaveLength(before);
    expect(await prove(secret)).toBe(200);
    expect(await prove("neither")).toBe(403);
  });

  test("logs in where passwords cannot be hashed", async () => {
    await using corporate = startDirectory(employee("jdoe"));
    const directory = corporateDirectory({ url: corporate.url, now: () => new Date() });
    await using identity = await testIdentity({ directory, passwords: null });
    const { status, body } = await identity.call<ExternalTokens>("POST", "/auth/login/external", {
      body: { account_id: "acme", username: "jdoe", password: secret },
    });
    expect(status).toBe(200);
    const proven = await identity.call("POST", "/auth/reauthenticate", {
      token: body.access_token,
      body: { password: secret },
    });
    expect(proven.status).toBe(200);
  });
});
