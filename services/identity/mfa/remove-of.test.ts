import { expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { root, testIdentity } from "../test/harness.ts";
import { codeOf, enrolled, STEP_MS } from "../test/mfa.ts";
import type { Enrolment } from "./schema.ts";

test("204: the password alone logs in again, and the trail says who removed the factor", async () => {
  await using identity = await testIdentity();
  const { id } = await enrolled(identity, "ada");
  const token = await identity.superuser();
  const { user_id } = await identity.verify(token);
  expect((await identity.call("DELETE", `/auth/users/${id}/mfa`, { token })).status).toBe(204);
  expect(await identity.login("ada")).toMatchObject({ token_type: "bearer" });
  expect(await identity.events("mfa.disabled")).toMatchObject([{ aggregate_id: id, actor_id: user_id }]);
  const again = await identity.call("DELETE", `/auth/users/${id}/mfa`, { token });
  expect([again.status, again.body.error_code]).toEqual([409, "mfa_not_enabled"]);
});

test("403 for whoever is no superuser, 404 for an unknown user", async () => {
  await using identity = await testIdentity();
  const { id, token } = await enrolled(identity, "ada");
  expect((await identity.call("DELETE", `/auth/users/${id}/mfa`, { token })).status).toBe(403);
  const unknown = await identity.call("DELETE", "/auth/users/nobody/mfa", { token: await identity.superuser() });
  expect([unknown.status, unknown.body.error_code]).toEqual([404, "not_found"]);
});

test("403 step_up_required for a superuser whose login is old, or who has a factor and did not prove it", async () => {
  await using identity = await testIdentity();
  const { id } = await enrolled(identity, "ada");
  const remove = (token: string) => identity.call("DELETE", `/auth/users/${id}/mfa`, { token });
  const token = await identity.superuser();
  identity.clock.ahead += 601_000;
  expect((await remove(token)).body.error_code).toBe("step_up_required");

  const fresh = await identity.superuser();
  const { body } = await identity.call<Enrolment>("POST", "/auth/mfa/totp", { token: fresh });
  const code = codeOf(identity, body.secret);
  expect((await identity.call("POST", "/auth/mfa/totp/confirm", { token: fresh, body: { code } })).status).toBe(200);
  const { session_id } = await identity.verify(fresh);
  await identity.db.write([sql`update sessions set second_factor = null where id = ${session_id}`]);
  expect((await remove(fresh)).body.error_code).toBe("step_up_required");
  identity.clock.ahead += STEP_MS;
  const proof = { body: { code: codeOf(identity, body.secret) }, token: fresh };
  const proven = await identity.call<{ access_token: string }>("POST", "/auth/reauthenticate", proof);
  expect((await remove(proven.body.access_token)).status).toBe(204);
  const login = { body: { username: root.email, password: root.password } };
  expect((await identity.call("POST", "/auth/login", login)).body.error_code).toBe("mfa_required");
});
