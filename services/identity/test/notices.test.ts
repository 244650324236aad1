import { describe, expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { password, type TestIdentity, testIdentity } from "./harness.ts";
import { mailsTo } from "./mails.ts";
import { codeOf, enrolled, mfaToken } from "./mfa.ts";

/** The mails that tell Ada what happened to her user. */
const told = async (identity: TestIdentity, address = "ada@example.com") =>
  (await mailsTo(identity.db, address)).filter(({ kind }) => kind !== "email_verification");
const kinds = async (identity: TestIdentity) => (await told(identity)).map(({ kind }) => kind);

const login = (identity: TestIdentity, agent: string, username = "ada") =>
  identity.call<{ access_token: string }>("POST", "/auth/login", {
    body: { username, password },
    headers: { "user-agent": agent },
  });
const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

describe("a mail tells the user", () => {
  test("when a factor is added, and when it is removed, by themselves or a superuser", async () => {
    await using identity = await testIdentity();
    const ada = await enrolled(identity, "ada");
    expect(await kinds(identity)).toEqual(["factor_added"]);
    expect((await identity.call("DELETE", "/auth/mfa/totp", { token: ada.token })).status).toBe(204);
    expect(await kinds(identity)).toEqual(["factor_added", "factor_removed"]);
    const grace = await enrolled(identity, "grace");
    await identity.call("DELETE", `/auth/users/${grace.id}/mfa`, { token: await identity.superuser() });
    const mails = await told(identity, "grace@example.com");
    expect(mails.map(({ kind, subject }) => [kind, subject])).toEqual([
      ["factor_added", "A second factor was added"],
      ["factor_removed", "Your second factor was removed"],
    ]);
    expect(mails.map(({ text }) => text).join()).not.toContain(grace.secret);
  });

  test("when a recovery code is used, at a login and in a session; a code of the app is no news", async () => {
    await using identity = await testIdentity();
    const { token, secret, recovery_codes } = await enrolled(identity, "ada");
    const step = async (proof: object) =>
      identity.call("POST", "/auth/mfa/verify", { body: { mfa_token: await mfaToken(identity, "ada"), ...proof } });
    expect((await step({ code: codeOf(identity, secret) })).status).toBe(200);
    expect(await kinds(identity)).toEqual(["factor_added"]);
    expect((await step({ recovery_code: "0000-0000-0000-0000" })).status).toBe(401);
    expect((await step({ recovery_code: recovery_codes[0] })).status).toBe(200);
    const again = { token, body: { recovery_code: recovery_codes[1] } };
    expect((await identity.call("POST", "/auth/reauthenticate", again)).status).toBe(200);
    expect(await kinds(identity)).toEqual(["factor_added", "recovery_code_used", "recovery_code_used"]);
    expect((await told(identity)).at(-1)?.text).not.toContain(recovery_codes[1] ?? "");
  });

  test("of a login from a new device, with what it is; not of the first login, nor of a device that is known", async () => {
    await using identity = await testIdentity();
    await identity.register("ada");
    await login(identity, "curl/8.14.1");
    await login(identity, "curl/8.14.1");
    expect(await kinds(identity)).toEqual([]);
    await login(identity, firefox);
    await login(identity, firefox);
    const [mail, ...more] = await told(identity);
    expect(more).toEqual([]);
    expect(mail).toMatchObject({ kind: "new_device", subject: "A login from a new device" });
    expect(mail?.text).toMatch(/: Firefox on Linux, from the address 192\.0\.2\.1, at \d{4}-\d\d-\d\d \d\d:\d\d UTC\./);
    identity.clock.ahead = 31 * 86_400_000;
    await login(identity, firefox);
    expect(await kinds(identity)).toEqual(["new_device", "new_device"]);
  });

  test("of a login that failed nothing, and a device's name is no link", async () => {
    await using identity = await testIdentity();
    await identity.person("ada");
    const body = { username: "ada", password: "wrong wrong wrong" };
    await identity.call("POST", "/auth/login", { body, headers: { "user-agent": firefox } });
    expect(await kinds(identity)).toEqual([]);
    await login(identity, "evil.example/1.0");
    const [mail] = await told(identity);
    expect(mail?.text).toContain("evil example");
    expect(mail?.text).not.toContain("evil.example");
  });

  test("with a second factor, only once it is proven", async () => {
    await using identity = await testIdentity();
    const { secret } = await enrolled(identity, "ada");
    const { body } = await identity.call<{ mfa_token: string }>("POST", "/auth/login", {
      body: { username: "ada", password },
      headers: { "user-agent": firefox },
    });
    expect(await kinds(identity)).toEqual(["factor_added"]);
    await identity.call("POST", "/auth/mfa/verify", {
      body: { mfa_token: body.mfa_token, code: codeOf(identity, secret) },
      headers: { "user-agent": firefox },
    });
    expect(await kinds(identity)).toEqual(["factor_added", "new_device"]);
  });

  test("when the password was changed, and when another address was asked for", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    await identity.call("PATCH", "/auth/me", { token, body: { email: "countess@example.com" } });
    const body = { current_password: password, new_password: "nine swans under the bridge" };
    await identity.call("PUT", "/auth/me/password", { token, body });
    expect(await kinds(identity)).toEqual(["email_change_requested", "password_changed"]);
  });
});

test("of one kind, five mails an hour at most, and the rest goes on without one", async () => {
  await using identity = await testIdentity();
  await identity.person("ada");
  for (let i = 0; i < 7; i++) expect((await login(identity, `agent-${i}`)).status).toBe(200);
  expect(await kinds(identity)).toEqual(Array(5).fill("new_device"));
});

test("somebody without an address is told nothing", async () => {
  await using identity = await testIdentity();
  const { user } = await identity.person("ada");
  await identity.db.write([sql`update users set email = null, email_key = null where id = ${user.id}`]);
  expect((await login(identity, firefox)).status).toBe(200);
  expect(await kinds(identity)).toEqual([]);
});
