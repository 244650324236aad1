import { describe, expect, test } from "bun:test";
import { password, type TestIdentity, testIdentity } from "../test/harness.ts";
import { mailedToken } from "../test/mails.ts";
import { enrolled } from "../test/mfa.ts";

const short = "k3#vQ9!z";
const long = "nine otters in the reeds";

const change = (identity: TestIdentity, token: string, from: string, to: string) =>
  identity.call("PUT", "/auth/me/password", { token, body: { current_password: from, new_password: to } });

const logIn = async (identity: TestIdentity, secret: string) => {
  const { status, body } = await identity.call("POST", "/auth/login", { body: { username: "ada", password: secret } });
  return [status, body.error_code ?? "none"];
};

/** Ada with a second factor, and a password that is long enough only with it. */
async function testShort(identity: TestIdentity) {
  const ada = await enrolled(identity, "ada");
  expect((await change(identity, ada.token, password, short)).status).toBe(204);
  return ada;
}

describe("a password of 8 characters, chosen under a second factor,", () => {
  test("keeps its user from removing the factor until they choose a longer one", async () => {
    await using identity = await testIdentity();
    const { token } = await testShort(identity);
    const refused = await identity.call("DELETE", "/auth/mfa/totp", { token });
    expect([refused.status, refused.body.error_code]).toEqual([403, "password_change_required"]);
    expect(await logIn(identity, short)).toEqual([401, "mfa_required"]);
    expect((await change(identity, token, short, long)).status).toBe(204);
    expect((await identity.call("DELETE", "/auth/mfa/totp", { token })).status).toBe(204);
    expect(await logIn(identity, long)).toEqual([200, "none"]);
  });

  test("begins no session once a superuser has removed the factor; a reset by mail sets a longer one", async () => {
    await using identity = await testIdentity();
    const { id } = await testShort(identity);
    const token = await identity.superuser();
    expect((await identity.call("DELETE", `/auth/users/${id}/mfa`, { token })).status).toBe(204);
    expect(await logIn(identity, "wrong")).toEqual([401, "invalid_credentials"]);
    const before = (await identity.events("session.started")).length;
    expect(await logIn(identity, short)).toEqual([403, "password_change_required"]);
    expect(await identity.events("session.started")).toHaveLength(before);

    const address = "ada@example.com";
    await identity.call("POST", "/auth/password/forgot", { body: { email: address } });
    const mailed = await mailedToken(identity.db, address, "password_reset");
    const reset = (new_password: string) =>
      identity.call("POST", "/auth/password/reset", { body: { token: mailed, new_password } });
    expect((await reset(short)).body.error_code).toBe("weak_password");
    expect((await reset(long)).status).toBe(204);
    expect(await logIn(identity, long)).toEqual([200, "none"]);
  });

  test("set by a reset is no different", async () => {
    await using identity = await testIdentity();
    const { id } = await enrolled(identity, "ada");
    const token = await identity.superuser();
    await identity.call("PATCH", `/auth/users/${id}`, { token, body: { email_verified: true } });
    await identity.call("POST", "/auth/password/forgot", { body: { email: "ada@example.com" } });
    const mailed = await mailedToken(identity.db, "ada@example.com", "password_reset");
    const body = { token: mailed, new_password: short };
    expect((await identity.call("POST", "/auth/password/reset", { body })).status).toBe(204);
    expect(await logIn(identity, short)).toEqual([401, "mfa_required"]);
    await identity.call("DELETE", `/auth/users/${id}/mfa`, { token });
    expect(await logIn(identity, short)).toEqual([403, "password_change_required"]);
  });
});

test("a longer one is nobody's business, and goes on when the factor is gone", async () => {
  await using identity = await testIdentity();
  const { token } = await enrolled(identity, "ada");
  expect((await change(identity, token, password, long)).status).toBe(204);
  expect((await identity.call("DELETE", "/auth/mfa/totp", { token })).status).toBe(204);
  expect(await logIn(identity, long)).toEqual([200, "none"]);
});
