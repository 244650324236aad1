import { expect, test } from "bun:test";
import { testIdentity } from "../test/harness.ts";
import type { User } from "../users/schema.ts";
import type { LineOutcome } from "./schema.ts";

test("an import carries who is active, whose address is verified, and since when they are there", async () => {
  await using identity = await testIdentity();
  const token = await identity.superuser();
  const lines = [
    { email: "ada@example.com", is_active: false, email_verified: true, created_at: "2019-04-01T12:00:00+02:00" },
    { email: "bea@example.com" },
    { email: "cyd@example.com", created_at: "2999-01-01T00:00:00Z" },
    { email: "dan@example.com", created_at: "yesterday" },
    { email: "eve@example.com", is_active: "no" },
    { email: "fay@example.com", created_at: "0000-01-01T00:00:00Z" },
  ];
  const response = await identity.request("/auth/users/import", {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/x-ndjson" },
    body: lines.map((line) => JSON.stringify(line)).join("\n"),
  });
  const outcomes = (await response.text())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as LineOutcome);
  expect(outcomes.map(({ outcome }) => outcome)).toEqual([
    "created",
    "created",
    "created",
    "refused",
    "refused",
    "refused",
  ]);
  expect(outcomes.map(({ error }) => error?.errors?.[0]?.path)).toEqual([
    undefined,
    undefined,
    undefined,
    "/created_at",
    "/is_active",
    "/created_at",
  ]);
  const user = async (at: number) =>
    (await identity.call<User>("GET", `/auth/users/${outcomes[at]?.id}`, { token })).body;
  expect(await user(0)).toMatchObject({
    is_active: false,
    email_verified: true,
    created_at: "2019-04-01T10:00:00.000Z",
  });
  const bea = await user(1);
  expect(bea).toMatchObject({ is_active: true, email_verified: false, created_at: bea.updated_at });
  const cyd = await user(2);
  expect(cyd.created_at).toBe(cyd.updated_at);
  const disabled = await identity.events("user.disabled");
  const verified = await identity.events("user.email_verified");
  expect([disabled, verified].map((events) => events.map(({ aggregate_id }) => aggregate_id))).toEqual([
    [outcomes[0]?.id],
    [outcomes[0]?.id],
  ]);
});
