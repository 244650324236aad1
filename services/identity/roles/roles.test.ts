import { expect, test } from "bun:test";
import { DatabaseError } from "@stoa/db";
import { meanwhile } from "@stoa/testing";
import { type TestIdentity, testIdentity } from "../test/harness.ts";
import type { Role } from "./schema.ts";

const add = (identity: TestIdentity, token: string, name: string, headers = {}) =>
  identity.call<Role>("POST", "/auth/roles", { token, body: { name }, headers });

test("201: a role is added once for each name and each key, and listed newest first", async () => {
  await using identity = await testIdentity();
  const token = await identity.superuser();
  const first = await add(identity, token, "auditor", { "idempotency-key": "k" });
  expect(first.status).toBe(201);
  expect(first.headers.get("location")).toBe(`/api/v1/auth/roles/${first.body.id}`);
  expect(first.body).toMatchObject({ name: "auditor", description: null });
  const again = await add(identity, token, "auditor", { "idempotency-key": "k" });
  expect([again.status, again.body, again.headers.get("idempotent-replayed")]).toEqual([201, first.body, "true"]);
  const taken = await identity.call("POST", "/auth/roles", { token, body: { name: "auditor" } });
  expect([taken.status, taken.body.error_code]).toEqual([409, "role_taken"]);
  await add(identity, token, "editor");
  const { body } = await identity.call<{ items: Role[]; total: number }>("GET", "/auth/roles?count=true", { token });
  expect([body.items.map(({ name }) => name), body.total]).toEqual([["editor", "auditor"], 2]);
  expect(await identity.events("role.created")).toHaveLength(2);
});

test("409 and 503: a role of that name made meanwhile is told apart from a database that is away", async () => {
  await using identity = await testIdentity();
  const token = await identity.superuser();
  meanwhile(identity.db, () => add(identity, token, "auditor"));
  expect((await add(identity, token, "auditor")).body).toMatchObject({ error_code: "role_taken" });
  meanwhile(identity.db, () => Promise.reject(new DatabaseError("unavailable", new Error("locked"))));
  const away = await add(identity, token, "editor");
  expect([away.status, away.headers.get("retry-after")]).toEqual([503, expect.any(String)]);
  expect(away.body).toMatchObject({ error_code: "unavailable" });
  expect((await add(identity, token, "editor")).status).toBe(201);
});

test("a user's roles are replaced, and tokens that are out carry them at once", async () => {
  await using identity = await testIdentity();
  const { user, token } = await identity.person("ada");
  const admin = await identity.superuser();
  for (const name of ["auditor", "editor"]) await add(identity, admin, name);
  const give = (roles: string[]) =>
    identity.call("PUT", `/auth/users/${user.id}/roles`, { token: admin, body: { roles } });
  expect((await give(["editor", "auditor", "editor"])).body).toEqual({ roles: ["auditor", "editor"] } as never);
  expect(await identity.verify(token)).toMatchObject({ roles: ["auditor", "editor"] });
  await give(["auditor", "editor"]);
  expect((await give(["editor"])).status).toBe(200);
  expect((await identity.call("GET", `/auth/users/${user.id}/roles`, { token: admin })).body).toEqual({
    roles: ["editor"],
  } as never);
  const events = await identity.events("user.roles_changed");
  expect(events.map(({ data }) => JSON.parse(String(data)))).toEqual([
    { user_id: user.id, from: [], to: ["auditor", "editor"] },
    { user_id: user.id, from: ["auditor", "editor"], to: ["editor"] },
  ]);
  expect(await identity.verify((await identity.login("ada")).access_token)).toMatchObject({ roles: ["editor"] });
});

test("200: of 30 at once who each give other roles, all are done, and the last one counts", async () => {
  await using identity = await testIdentity();
  const { user } = await identity.person("ada");
  const token = await identity.superuser();
  const names = Array.from({ length: 30 }, (_, index) => `role-${index}`);
  for (const name of names) await add(identity, token, name);
  const path = `/auth/users/${user.id}/roles`;
  const answers = await Promise.all(
    names.map((name) => identity.call("PUT", path, { token, body: { roles: [name] } })),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array<number>(30).fill(200));
  const said = (await identity.events("user.roles_changed")).map(({ data }) => JSON.parse(String(data)));
  // Each begins where the one before it ended.
  expect(said.map(({ from }) => from)).toEqual([[], ...said.slice(0, -1).map(({ to }) => to)]);
  expect((await identity.call("GET", path, { token })).body).toEqual({ roles: said.at(-1).to } as never);
});

test("422: a role that does not exist is named, and nothing changes", async () => {
  await using identity = await testIdentity();
  const { user } = await identity.person("ada");
  const token = await identity.superuser();
  await add(identity, token, "auditor");
  const { status, body } = await identity.call("PUT", `/auth/users/${user.id}/roles`, {
    token,
    body: { roles: ["wizard", "auditor"] },
  });
  expect([status, body.error_code, body.errors?.[0]?.path]).toEqual([422, "unknown_role", "/roles/0"]);
  expect(await identity.events("user.roles_changed")).toEqual([]);
});

test("204: a deleted role leaves its users", async () => {
  await using identity = await testIdentity();
  const { user, token } = await identity.person("ada");
  const admin = await identity.superuser();
  const { id } = (await add(identity, admin, "auditor")).body;
  await add(identity, admin, "editor");
  await identity.call("PUT", `/auth/users/${user.id}/roles`, { token: admin, body: { roles: ["auditor", "editor"] } });
  expect((await identity.call("DELETE", `/auth/roles/${id}`, { token: admin })).status).toBe(204);
  expect(await identity.verify(token)).toMatchObject({ roles: ["editor"] });
  expect((await identity.call("DELETE", `/auth/roles/${id}`, { token: admin })).status).toBe(404);
  expect(await identity.events("role.deleted")).toHaveLength(1);
});
