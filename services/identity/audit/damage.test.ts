import { expect, test } from "bun:test";
import { sql } from "@stoa/db";
import { damage } from "@stoa/testing";
import { testIdentity } from "../test/harness.ts";

test("a damaged event in the audit trail is a 500 whose log line names it, and not what it says", async () => {
  await using identity = await testIdentity();
  const { token } = await identity.person("ada");
  const event = (await identity.events("user.registered")).at(-1);
  await damage(identity.db, Number(event?.["seq"]), "no JSON");
  const answer = await identity.call("GET", "/auth/me/audit", { token });
  expect([answer.status, answer.body.error_code]).toEqual([500, "internal_error"]);
  const named = `journal.data of identity, event_id (${event?.["event_id"]}) is damaged: no JSON.`;
  expect(identity.logged.some((line) => line.includes(named))).toBe(true);
  expect(JSON.stringify(answer.body)).not.toContain("damaged");
});

test.each([["signing_keys.public_jwk", sql`update signing_keys set public_jwk = '{'`, "/.well-known/jwks.json"]])(
  "%s that is damaged is a 500 whose log line names column and row",
  async (place, spoil, path) => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    await identity.db.write([spoil]);
    expect((await identity.call("GET", path, { token })).status).toBe(500);
    expect(identity.logged.some((line) => line.includes(`${place} (`) && line.includes("is damaged: no JSON."))).toBe(
      true,
    );
  },
);
