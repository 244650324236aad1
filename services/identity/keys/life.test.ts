import { describe, expect, test } from "bun:test";
import { select, sql } from "@stoa/db";
import { system } from "@stoa/events";
import { temporaryDatabase } from "@stoa/testing";
import { decodeProtectedHeader, type JSONWebKeySet } from "jose";
import { maintain } from "../maintenance.ts";
import type { Tokens } from "../sessions/schema.ts";
import { type TestIdentity, testIdentity } from "../test/harness.ts";
import { keyRing } from "./ring.ts";
import type { Key } from "./schema.ts";
import { signingKeys } from "./table.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const kidOf = (token: string) => decodeProtectedHeader(token).kid ?? "";

/** The keys by their status, as superusers see them. */
async function keysOf(identity: TestIdentity): Promise<Record<string, Key[]>> {
  const { body } = await identity.call<{ items: Key[] }>("GET", "/auth/keys", { token: await identity.superuser() });
  return Object.groupBy(body.items, ({ status }) => status) as Record<string, Key[]>;
}

const published = async (identity: TestIdentity) =>
  (await identity.call<JSONWebKeySet>("GET", "/.well-known/jwks.json")).body.keys.map(({ kid }) => kid);

const rotate = async (identity: TestIdentity) =>
  identity.call<Key & { error_code?: string }>("POST", "/auth/keys/rotate", { token: await identity.superuser() });

const revoke = async (identity: TestIdentity, kid: string | undefined) =>
  identity.call<Key & { error_code?: string }>("POST", `/auth/keys/${kid}/revoke`, {
    token: await identity.superuser(),
  });

const status = async (identity: TestIdentity, token: string) => {
  const { status, body } = await identity.call("GET", "/auth/me", { token });
  return body.error_code ?? String(status);
};

describe("the life of a key", () => {
  test("next, active, retiring, gone: its tokens are accepted until they expire, and a next key is always published", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const first = await keysOf(identity);
    identity.clock.ahead += 6 * MINUTE;
    const rotated = await rotate(identity);
    expect(rotated.status).toBe(200);
    expect(rotated.body).toMatchObject({ kid: first.next?.[0]?.kid ?? "", status: "active" });

    const second = await keysOf(identity);
    expect(second.retiring).toMatchObject([{ kid: kidOf(token) }]);
    expect(second.next).toHaveLength(1);
    expect(await published(identity)).toHaveLength(3);
    expect(kidOf((await identity.login("ada")).access_token)).toBe(rotated.body.kid);
    expect(await status(identity, token)).toBe("200");

    identity.clock.ahead += 8 * MINUTE;
    expect(await status(identity, token)).toBe("200");
    identity.clock.ahead += 11 * MINUTE;
    await maintain(identity.deps);
    expect(await published(identity)).toContain(kidOf(token));
    identity.clock.ahead += 2 * MINUTE;
    expect(await published(identity)).not.toContain(kidOf(token));
    await maintain(identity.deps);
    expect((await keysOf(identity)).retiring).toBeUndefined();
    expect(await status(identity, token)).toBe("token_expired");
  });

  test("a key that no longer signs has no private half left", async () => {
    await using identity = await testIdentity();
    identity.clock.ahead += 6 * MINUTE;
    await rotate(identity);
    const rows = await identity.db.query(
      select({ status: signingKeys.status }, sql`from ${signingKeys} where private_key = ''`),
    );
    expect(rows.map(({ status }) => status)).toEqual(["retiring"]);
  });

  test("the first next key may sign at once: no verifier knows the first active one without it", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const { next } = await keysOf(identity);
    const { status: code, body } = await rotate(identity);
    expect([code, body.kid]).toEqual([200, next?.[0]?.kid ?? ""]);
    expect(await status(identity, token)).toBe("200");
  });

  test("409 with the time to wait while the next key is younger than six minutes", async () => {
    await using identity = await testIdentity();
    await rotate(identity);
    identity.clock.ahead += 5.5 * MINUTE;
    const { status, body, headers } = await rotate(identity);
    expect([status, body.error_code]).toEqual([409, "next_key_too_new"]);
    const seconds = Number(headers.get("retry-after"));
    expect(seconds).toBeWithin(1, 31);
    identity.clock.ahead += seconds * 1_000;
    expect((await rotate(identity)).status).toBe(200);
    expect((await rotate(identity)).status).toBe(409);
  });

  test("of two rotations at once, one happens", async () => {
    await using identity = await testIdentity();
    identity.clock.ahead += 6 * MINUTE;
    const answers = await Promise.all([rotate(identity), rotate(identity), rotate(identity)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    const { active, next, retiring } = await keysOf(identity);
    expect([active?.length, next?.length, retiring?.length]).toEqual([1, 1, 1]);
    expect(await identity.events("key.retired")).toHaveLength(1);
  });

  test("after 90 days the service rotates, and one of its processes does it", async () => {
    await using identity = await testIdentity();
    const { db, deps } = identity;
    const rings = Array.from({ length: 4 }, () =>
      keyRing({ db, now: deps.now, secrets: ["a secret that only tests know of"], access_token_seconds: 900 }),
    );
    const before = await rings[0]?.signer();
    identity.clock.ahead += 90 * DAY - MINUTE;
    await Promise.all(rings.map((ring) => ring.maintain()));
    expect(await identity.events("key.retired")).toEqual([]);
    identity.clock.ahead += MINUTE;
    await Promise.all(rings.map((ring) => ring.maintain()));
    expect(await identity.events("key.retired")).toHaveLength(1);
    identity.clock.ahead += MINUTE;
    const signers = await Promise.all(rings.map(async (ring) => (await ring.signer()).kid));
    expect(new Set(signers).size).toBe(1);
    expect(signers).not.toContain(before?.kid);
  });

  test("each change is in the journal with its user", async () => {
    await using identity = await testIdentity();
    identity.clock.ahead += 6 * MINUTE;
    const token = await identity.superuser();
    const { user_id } = await identity.verify(token);
    const headers = { "x-request-id": "rotation-1" };
    await identity.call("POST", "/auth/keys/rotate", { token, headers });
    const rows = await identity.db.query(
      sql`select type, actor_id from journal where request_id = 'rotation-1' order by seq`,
    );
    expect(rows).toEqual(
      ["key.activated", "key.retired", "key.published"].map((type) => ({ type, actor_id: user_id })),
    );
  });
});

describe("revoking", () => {
  test("the active key: its tokens are refused, no session ends, the next signs at once, a new next is published", async () => {
    await using identity = await testIdentity();
    const { tokens, token } = await identity.person("ada");
    const { next } = await keysOf(identity);
    const { status: code, body } = await revoke(identity, kidOf(token));
    expect([code, body.status]).toEqual([200, "revoked"]);
    expect(await status(identity, token)).toBe("invalid_token");
    expect(await published(identity)).not.toContain(kidOf(token));

    const refreshed = await identity.call<Tokens>("POST", "/auth/refresh", {
      body: { refresh_token: tokens.refresh_token },
    });
    expect(kidOf(refreshed.body.access_token)).toBe(next?.[0]?.kid ?? "");
    expect(await status(identity, refreshed.body.access_token)).toBe("200");
    const after = await keysOf(identity);
    expect([after.active?.length, after.next?.length, after.revoked?.length]).toEqual([1, 1, 1]);
    expect(await identity.events("session.revoked")).toEqual([]);
  });

  test("a second time changes nothing, also of many at once", async () => {
    await using identity = await testIdentity();
    const token = await identity.superuser();
    const kid = kidOf(token);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => identity.call<Key>("POST", `/auth/keys/${kid}/revoke`, { token })),
    );
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    expect((await revoke(identity, kid)).status).toBe(200);
    expect(await identity.events("key.revoked")).toHaveLength(1);
    expect((await keysOf(identity)).next).toHaveLength(1);
  });

  test("the next key: another takes its place, the active one goes on", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const before = await keysOf(identity);
    await revoke(identity, before.next?.[0]?.kid);
    const after = await keysOf(identity);
    expect(after.active).toEqual(before.active ?? []);
    expect(after.next?.[0]?.kid).not.toBe(before.next?.[0]?.kid);
    expect(await status(identity, token)).toBe("200");
  });

  test("a retiring key: its tokens are refused now", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    identity.clock.ahead += 6 * MINUTE;
    await rotate(identity);
    await revoke(identity, kidOf(token));
    expect(await status(identity, token)).toBe("invalid_token");
    expect((await keysOf(identity)).active).toHaveLength(1);
  });

  test("several in a row: each next one signs", async () => {
    await using identity = await testIdentity();
    await identity.register("ada");
    for (let times = 0; times < 3; times++) {
      const { access_token } = await identity.login("ada");
      await revoke(identity, kidOf(access_token));
      expect(await status(identity, access_token)).toBe("invalid_token");
      // No events are followed here: a verifier asks for an unknown key once in ten seconds.
      identity.clock.ahead += 11_000;
    }
    expect((await keysOf(identity)).revoked).toHaveLength(3);
  });

  test("a withdrawn key is listed for 90 days", async () => {
    await using identity = await testIdentity();
    await revoke(identity, kidOf(await identity.superuser()));
    identity.clock.ahead += 89 * DAY;
    await maintain(identity.deps);
    expect((await keysOf(identity)).revoked).toHaveLength(1);
    identity.clock.ahead += DAY;
    await maintain(identity.deps);
    expect((await keysOf(identity)).revoked).toBeUndefined();
  });

  test("404 for an unknown key", async () => {
    await using identity = await testIdentity();
    const { status, body } = await revoke(identity, "nothing");
    expect([status, body.error_code]).toEqual([404, "not_found"]);
  });
});

describe("a new secret", () => {
  const open = (db: TestIdentity["db"], ...secrets: [string, ...string[]]) =>
    keyRing({ db, now: () => new Date(), secrets, access_token_seconds: 900 });

  test("seals every key anew at the first start, so that the previous one can be removed", async () => {
    await using stored = await temporaryDatabase("identity");
    const { db } = stored;
    await open(db, "the old secret").prepare();
    await open(db, "the new secret", "the old secret").prepare();
    await open(db, "the new secret").prepare();
    await expect(open(db, "the old secret").prepare()).rejects.toThrow("SECRET_KEY_PREVIOUS");
  });

  test("without the previous one stops the start; revoking the next key and then the active one repairs it", async () => {
    await using stored = await temporaryDatabase("identity");
    const { db } = stored;
    await open(db, "lost").prepare();
    const ring = open(db, "the new secret");
    await expect(ring.prepare()).rejects.toThrow("SECRET_KEY does not open");
    const kid = async (status: string) =>
      (await db.query(select({ kid: signingKeys.kid }, sql`from ${signingKeys} where status = ${status}`)))[0]?.kid ??
      "";
    const tell = () => undefined;
    await expect(ring.revoke(system, await kid("active"), tell)).rejects.toThrow("SECRET_KEY does not open");
    await ring.revoke(system, await kid("next"), tell);
    await ring.revoke(system, await kid("active"), tell);
    await ring.prepare();
    expect((await ring.signer()).kid).toBe(await kid("active"));
  });

  test("a next key that cannot sign never becomes the active one", async () => {
    await using identity = await testIdentity();
    const { db } = identity;
    await db.write([
      sql`update signing_keys set public_jwk = (select public_jwk from signing_keys where status = 'active')
        where status = 'next'`,
    ]);
    identity.clock.ahead += 6 * MINUTE;
    expect((await rotate(identity)).status).toBe(500);
    expect(await identity.events("key.retired")).toEqual([]);
  });
});
