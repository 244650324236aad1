import { type TestKeys, testKeys } from "@stoa/testing";
import { exportSPKI } from "jose";
import type { Person, Stage } from "./stage.ts";

/** An invalid `Authorization` header; null means that it is missing. */
export interface BadToken {
  readonly what: string;
  readonly header: string | null;
  readonly code: "unauthorized" | "invalid_token" | "token_expired" | "session_revoked";
}

const claims = ["iss", "aud", "sub", "sid", "jti", "iat", "exp", "auth_time", "roles", "is_superuser", "username"];

/**
 * Invalid tokens of all kinds, after the attacks on JWT in RFC 8725, section 2.
 *
 * @param keys keys that the services trust, so that each token is refused only for its own fault
 */
export async function badTokens(stage: Stage, keys: TestKeys, root: Person): Promise<BadToken[]> {
  const seconds = Math.floor(Date.now() / 1_000);
  const good = await keys.signToken({ sub: root.id, is_superuser: true });
  const [header = "", payload = "", signature = ""] = good.split(".");
  const stranger = await testKeys({ kid: keys.kid });
  const unknown = await testKeys();
  const asSuperuser = { is_superuser: true };
  const invalid: [string, string][] = [
    ["signed by a stranger under a known kid", await stranger.signToken(asSuperuser)],
    ["signed by a stranger under a kid of its own", await unknown.signToken(asSuperuser)],
    ["for another audience", await keys.signToken({ ...asSuperuser, aud: "other" })],
    ["of another issuer", await keys.signToken({ ...asSuperuser, iss: "http://other.test" })],
    ["of another type", await keys.signToken({ ...asSuperuser, header: { typ: "JWT" } })],
    ["with a jku", await stranger.signToken({ header: { jku: "http://evil.test/keys" } })],
    ["alg none", `${encoded({ alg: "none", typ: "at+jwt", kid: keys.kid })}.${payload}.`],
    ["alg none with a signature", `${encoded({ alg: "none", typ: "at+jwt", kid: keys.kid })}.${payload}.${signature}`],
    ["HS256 with the public key as PEM", await hs256(keys, payload, await exportSPKI(keys.publicKey))],
    ["HS256 with the public key as JWK", await hs256(keys, payload, JSON.stringify(keys.publicJwk))],
    ["HS256 with an empty key", await hs256(keys, payload, "\0")],
    ["cut in its signature", good.slice(0, -10)],
    ["cut after its payload", `${header}.${payload}`],
    ["cut after its payload, with a dot", `${header}.${payload}.`],
    ["its header alone", header],
    ["with another payload", `${header}.${encoded({ sub: root.id, is_superuser: true })}.${signature}`],
    ["a word", "undefined"],
    ["a refresh token", root.refresh_token],
    ["9,000 characters", "a".repeat(9_000)],
    ["two tokens", `${good} ${good}`],
  ];
  for (const claim of claims) invalid.push([`without ${claim}`, await keys.signToken({ [claim]: undefined })]);
  const { ended, disabled } = await pastTokens(stage, root);
  return [
    { what: "none", header: null, code: "unauthorized" },
    { what: "Basic", header: `Basic ${btoa("ada:secret")}`, code: "unauthorized" },
    { what: "without a scheme", header: good, code: "unauthorized" },
    { what: "Bearer alone", header: "Bearer", code: "invalid_token" },
    ...invalid.map(([what, token]) => ({ what, header: `Bearer ${token}`, code: "invalid_token" as const })),
    {
      what: "expired",
      header: `Bearer ${await keys.signToken({ ...asSuperuser, iat: seconds - 1_000, exp: seconds - 1 })}`,
      code: "token_expired",
    },
    { what: "of a session that was logged out", header: `Bearer ${ended}`, code: "session_revoked" },
    { what: "of a user who was disabled", header: `Bearer ${disabled}`, code: "session_revoked" },
  ];
}

/** Tokens that were valid once: of a session that was logged out, and of a superuser who was disabled. */
export async function pastTokens(stage: Stage, root: Person): Promise<{ ended: string; disabled: string }> {
  const again = await stage.login(root.username, root.password, root.id);
  await stage.must("POST /auth/logout", { token: again.token });
  const person = await stage.person();
  const params = { id: person.id };
  await stage.must("PUT /auth/users/:id/superuser", { token: root.token, params, json: { is_superuser: true } });
  await stage.must("PUT /auth/users/:id/disable", { token: root.token, params });
  return { ended: again.token, disabled: person.token };
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

/** A token signed by HMAC with the public key as its secret (RFC 8725, section 2.1). */
async function hs256({ kid }: TestKeys, payload: string, secret: string): Promise<string> {
  const signed = `${encoded({ alg: "HS256", typ: "at+jwt", kid })}.${payload}`;
  const signature = new Bun.CryptoHasher("sha256", secret).update(signed).digest("base64url");
  return `${signed}.${signature}`;
}
