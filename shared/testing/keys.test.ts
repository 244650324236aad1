import { expect, test } from "bun:test";
import { decodeProtectedHeader, jwtVerify } from "jose";
import { testKeys } from "./keys.ts";

test("a token is signed as identity signs: ES256, at+jwt, with every claim", async () => {
  const keys = await testKeys();
  const { payload, protectedHeader } = await jwtVerify(await keys.signToken(), keys.publicKey, {
    algorithms: ["ES256"],
    issuer: keys.issuer,
    audience: keys.audience,
    typ: "at+jwt",
    requiredClaims: ["sub", "sid", "jti", "iat", "exp", "auth_time", "amr", "roles", "is_superuser", "username"],
  });
  expect(protectedHeader).toEqual({ alg: "ES256", typ: "at+jwt", kid: keys.kid });
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(900);
});

test("claims and header can be changed or left out", async () => {
  const now = () => new Date("2026-11-20T09:00:00.000Z");
  const keys = await testKeys({ issuer: "http://other.test", audience: "x", kid: "k1", now });
  const token = await keys.signToken({ sub: "someone", exp: undefined, header: { typ: "JWT" } });
  const { payload } = await jwtVerify(token, keys.publicKey);
  expect(payload).toMatchObject({ sub: "someone", iss: "http://other.test", aud: "x", iat: 1795165200 });
  expect(payload).not.toHaveProperty("exp");
  expect(decodeProtectedHeader(token)).toEqual({ alg: "ES256", typ: "JWT", kid: "k1" });
});

test("the key set holds the public half only", async () => {
  const { jwks, kid } = await testKeys();
  expect(jwks.keys).toHaveLength(1);
  expect(jwks.keys[0]).toMatchObject({ kid, alg: "ES256", use: "sig", kty: "EC", crv: "P-256" });
  expect(jwks.keys[0]).not.toHaveProperty("d");
});
