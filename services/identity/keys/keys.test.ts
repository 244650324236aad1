import { describe, expect, spyOn, test } from "bun:test";
import { seal, unseal } from "@stoa/auth/seal";
import { sql } from "@stoa/db";
import { system } from "@stoa/events";
import { intercepted, temporaryDatabase } from "@stoa/testing";
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from "jose";
import { testIdentity } from "../test/harness.ts";
import { readKeysThatSign } from "./read.ts";
import { keyRing } from "./ring.ts";

const now = () => new Date();
const lifetime = { access_token_seconds: 900 };

describe("the first keys", () => {
  test("one that signs and one that is published to be next, each announced", async () => {
    await using identity = await testIdentity();
    const rows = await readKeysThatSign(identity.db);
    expect(rows.map(({ status, alg }) => [status, alg])).toEqual([
      ["active", "ES256"],
      ["next", "ES256"],
    ]);
    const types = await identity.db.query(
      sql`select type, aggregate_id from journal where type like 'key.%' order by seq`,
    );
    expect(types).toEqual([
      { type: "key.published", aggregate_id: rows[0]?.kid },
      { type: "key.activated", aggregate_id: rows[0]?.kid },
      { type: "key.published", aggregate_id: rows[1]?.kid },
    ]);
  });

  test("of many processes that start at once, one makes them", async () => {
    await using stored = await temporaryDatabase("identity");
    const rings = Array.from({ length: 8 }, () =>
      keyRing({ ...lifetime, db: stored.db, now, secrets: ["one secret for all"] }),
    );
    const signers = await Promise.all(rings.map((ring) => ring.signer()));
    expect(new Set(signers.map(({ kid }) => kid)).size).toBe(1);
    expect(await stored.db.query(sql`select 1 from signing_keys`)).toHaveLength(2);
    expect(await stored.db.query(sql`select 1 from journal`)).toHaveLength(3);
  });

  test("are stored encrypted: neither the database nor the log holds a private key", async () => {
    await using identity = await testIdentity();
    const [row] = await readKeysThatSign(identity.db);
    expect(JSON.parse(row?.public_jwk ?? "")).not.toHaveProperty("d");
    expect(row?.private_key).toMatch(/^[\w-]{200,}=*$/);
    const text = await unseal("a secret that only tests know of", row?.kid ?? "", row?.private_key ?? "");
    expect(JSON.parse(text ?? "")).toHaveProperty("d");
    expect(identity.logged.join("\n")).not.toContain(JSON.parse(text ?? "").d);
  });
});

describe("secrets", () => {
  test("the previous one opens the key, which is then sealed with the present one", async () => {
    await using stored = await temporaryDatabase("identity");
    const { db } = stored;
    const { kid } = await keyRing({ ...lifetime, db, now, secrets: ["the old secret"] }).signer();
    expect((await keyRing({ ...lifetime, db, now, secrets: ["the new secret", "the old secret"] }).signer()).kid).toBe(
      kid,
    );
    expect((await keyRing({ ...lifetime, db, now, secrets: ["the new secret"] }).signer()).kid).toBe(kid);
    await expect(keyRing({ ...lifetime, db, now, secrets: ["the old secret"] }).signer()).rejects.toThrow(
      "SECRET_KEY_PREVIOUS",
    );
  });

  test("a sealed text opens under no other name and no other secret, and not when changed", async () => {
    const sealed = await seal("secret", "name", "text");
    expect(await unseal("secret", "name", sealed)).toBe("text");
    expect(await unseal("secret", "other", sealed)).toBeUndefined();
    expect(await unseal("other", "name", sealed)).toBeUndefined();
    expect(await unseal("secret", "name", `${sealed.slice(0, 20)}AAAA${sealed.slice(24)}`)).toBeUndefined();
    for (const text of ["", "AAAA", "not base64!"]) expect(await unseal("secret", "name", text)).toBeUndefined();
    expect(await seal("secret", "name", "text")).not.toBe(sealed);
  });

  test("a failure of the platform is not mistaken for a wrong secret", async () => {
    const sealed = await seal("secret", "name", "text");
    using _decrypt = spyOn(crypto.subtle, "decrypt").mockRejectedValue(new Error("out of memory"));
    await expect(unseal("secret", "name", sealed)).rejects.toThrow("out of memory");
  });

  test("a damaged key stops the start, not the first verification", async () => {
    await using stored = await temporaryDatabase("identity");
    const { db } = stored;
    await keyRing({ ...lifetime, db, now, secrets: ["secret"] }).signer();
    await db.write([
      sql`update signing_keys set public_jwk = (select public_jwk from signing_keys where status = 'next')
        where status = 'active'`,
    ]);
    await expect(keyRing({ ...lifetime, db, now, secrets: ["secret"] }).signer()).rejects.toThrow();
  });
});

test("a ring follows when another key becomes active, within a minute or at once when told", async () => {
  await using stored = await temporaryDatabase("identity");
  const { db } = stored;
  let ahead = 0;
  const ring = keyRing({ ...lifetime, db, now: () => new Date(Date.now() + ahead), secrets: ["secret"] });
  const { kid } = await ring.signer();
  await db.write([
    sql`update signing_keys set status = 'retiring' where status = 'active'`,
    sql`update signing_keys set status = 'active' where status = 'next'`,
  ]);
  expect((await ring.signer()).kid).toBe(kid);
  ahead = 61_000;
  const next = (await ring.signer()).kid;
  expect(next).not.toBe(kid);
  await db.write([
    sql`update signing_keys set status = 'next' where status = 'active'`,
    sql`update signing_keys set status = 'active' where status = 'retiring'`,
  ]);
  await ring.reload();
  expect((await ring.signer()).kid).toBe(kid);
});

test.each([1, 2])("a ring that is told of another active key after its read %i reads again", async (read) => {
  await using stored = await temporaryDatabase("identity");
  const deps = { ...lifetime, now: () => new Date(Date.now() + ahead), secrets: ["secret"] as const };
  let ahead = 0;
  let reads = Number.NEGATIVE_INFINITY;
  const ring = keyRing({
    ...deps,
    db: intercepted(stored.db, {
      answered: async () => {
        if (++reads !== read) return;
        await keyRing({ ...deps, db: stored.db }).revoke(system, kid, () => undefined);
        ring.lookAgain();
      },
    }),
  });
  const { kid } = await ring.signer();
  ahead = 61_000;
  reads = 0;
  expect((await ring.signer()).kid).not.toBe(kid);
});

describe("what is published", () => {
  test("the key set verifies tokens, may be cached for five minutes and holds nothing private", async () => {
    await using identity = await testIdentity();
    const { token } = await identity.person("ada");
    const { status, headers, body } = await identity.call<JSONWebKeySet>("GET", "/.well-known/jwks.json");
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("max-age=300");
    expect(body.keys).toHaveLength(2);
    for (const key of body.keys) {
      expect(Object.keys(key).sort()).toEqual(["alg", "crv", "kid", "kty", "use", "x", "y"]);
    }
    expect(body.keys.map(({ kid }) => kid)).toContain(decodeProtectedHeader(token).kid);
    const { payload } = await jwtVerify(token, createLocalJWKSet(body), { issuer: "http://stoa.test", typ: "at+jwt" });
    expect(payload["username"]).toBe("ada");
  });

  test("a revoked key and an expired one are not published", async () => {
    await using identity = await testIdentity();
    await identity.db.write([
      sql`update signing_keys set status = 'revoked' where status = 'next'`,
      sql`update signing_keys set status = 'retiring', expires_at = '2020-01-01T00:00:00.000Z' where status = 'active'`,
    ]);
    expect((await identity.call("GET", "/.well-known/jwks.json")).body).toEqual({ keys: [] } as never);
  });

  test("the configuration names the issuer and the key set", async () => {
    await using identity = await testIdentity();
    const { status, headers, body } = await identity.call("GET", "/.well-known/openid-configuration");
    expect([status, headers.get("cache-control")]).toEqual([200, "max-age=300"]);
    expect(body).toMatchObject({
      issuer: "http://stoa.test",
      jwks_uri: "http://stoa.test/.well-known/jwks.json",
    } as never);
    // A JSON login is no token endpoint, and /users/me answers without `sub`.
    expect(Object.keys(body).sort()).toEqual([
      "claims_supported",
      "grant_types_supported",
      "issuer",
      "jwks_uri",
      "response_types_supported",
    ]);
  });

  test("superusers list the keys, without their keys", async () => {
    await using identity = await testIdentity();
    const { body } = await identity.call("GET", "/auth/keys?count=true", { token: await identity.superuser() });
    expect(body).toMatchObject({ items: [{ alg: "ES256" }, { alg: "ES256" }], total: 2, next_cursor: null } as never);
    expect(JSON.stringify(body)).not.toContain("private");
  });
});
