import { expect, test } from "bun:test";
import { newId, select, sql } from "@stoa/db";
import { signingKeys } from "../keys/table.ts";
import { testIdentity } from "../test/harness.ts";
import { storedRevocations } from "./stored-revocations.ts";

test("a Worker reads revocations from identity's tables", async () => {
  await using identity = await testIdentity();
  const { db } = identity;
  const { user, tokens, token } = await identity.person("ada");
  const [key] = await db.query(select({ kid: signingKeys.kid }, sql`from ${signingKeys} where status = 'active'`));
  const subject = { user_id: user.id, session_id: tokens.session_id, kid: key?.kid ?? "", issued_at: 0 };
  const { lookup } = storedRevocations(db);
  expect(await lookup(subject)).toEqual({ revoked: false, is_superuser: false, roles: [] });
  expect(await lookup({ ...subject, user_id: newId() })).toEqual({ revoked: "session" });

  const admin = await identity.superuser();
  await identity.call("POST", "/auth/roles", { token: admin, body: { name: "auditor" } });
  await identity.call("PUT", `/auth/users/${user.id}/roles`, { token: admin, body: { roles: ["auditor"] } });
  expect(await lookup(subject)).toEqual({ revoked: false, is_superuser: false, roles: ["auditor"] });
  await db.write([sql`update signing_keys set status = 'revoked' where status = 'active'`]);
  expect(await lookup(subject)).toMatchObject({ revoked: "key" });
  await db.write([sql`update users set is_active = 0 where id = ${user.id}`]);
  expect(await lookup(subject)).toMatchObject({ revoked: "user" });
  await identity.call("POST", "/auth/logout", { token });
  expect(await lookup(subject)).toMatchObject({ revoked: "session" });
});
