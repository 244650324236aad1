import { expect, test } from "bun:test";
import { password, testIdentity } from "../test/harness.ts";
import { enrolled, mfaToken } from "../test/mfa.ts";

interface Trail {
  readonly items: readonly { readonly type: string; readonly subject_id: string; readonly data: object }[];
}

test("the audit trail says when a right password met a missing second factor", async () => {
  await using identity = await testIdentity();
  const { id, token } = await enrolled(identity, "ada");
  await mfaToken(identity, "ada");
  const { body } = await identity.call<Trail>("GET", "/auth/me/audit", { token });
  expect(body.items[0]).toMatchObject({
    type: "login.factor_missing",
    subject_id: id,
    ip_address: "192.0.2.1",
    data: { kind: "factor_missing" },
  });
  const only = "/auth/audit?type=login.factor_missing";
  const root = await identity.superuser();
  const wrong = { body: { username: "ada", password: "not this one" } };
  await identity.call("POST", "/auth/login", wrong);
  expect((await identity.call<Trail>("GET", only, { token: root })).body.items).toHaveLength(1);
});

test("the audit trail says when a disabled user's right password came", async () => {
  await using identity = await testIdentity();
  const { id } = await identity.register("ada");
  const token = await identity.superuser();
  await identity.call("PUT", `/auth/users/${id}/disable`, { token });
  const login = (secret: string) =>
    identity.call("POST", "/auth/login", { body: { username: "ada", password: secret } });
  expect((await login("not this one")).status).toBe(401);
  expect((await login(password)).body.error_code).toBe("account_disabled");
  const { body } = await identity.call<Trail>("GET", `/auth/audit?user_id=${id}`, { token });
  expect(body.items.map(({ type }) => type)).toEqual([
    "login.disabled",
    "login.failed",
    "user.disabled",
    "user.registered",
  ]);
});
