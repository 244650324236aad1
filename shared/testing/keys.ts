import { newId } from "@stoa/db";
import { type CryptoKey, exportJWK, generateKeyPair, type JSONWebKeySet, type JWK, SignJWT } from "jose";

/** Claims to change in a test token. `undefined` leaves a claim out; `header` changes the JOSE header. */
export interface TokenOverrides {
  readonly [claim: string]: unknown;
  /** JOSE header fields to change: `{ typ: "JWT" }`, `{ kid: "unknown" }`. */
  readonly header?: Record<string, unknown>;
}

/** A key pair as identity's, and tokens signed with it. */
export interface TestKeys {
  readonly kid: string;
  readonly issuer: string;
  readonly audience: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  /** With `kid`, `alg` and `use`, as in a key set. */
  readonly publicJwk: JWK;
  readonly jwks: JSONWebKeySet;
  /**
   * An access token as identity's (api.md §2): ES256, `typ: at+jwt`, 15 minutes, a person without roles.
   *
   * @example await keys.signToken({ sub: userId, is_superuser: true, exp: undefined })
   */
  signToken(overrides?: TokenOverrides): Promise<string>;
}

/** A new ES256 pair, with the issuer and audience tests use unless they name others. */
export async function testKeys(
  options: { issuer?: string; audience?: string; kid?: string; now?: () => Date } = {},
): Promise<TestKeys> {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const kid = options.kid ?? crypto.randomUUID();
  const issuer = options.issuer ?? "http://stoa.test";
  const audience = options.audience ?? "stoa";
  const now = options.now ?? (() => new Date());
  const publicJwk: JWK = { ...(await exportJWK(publicKey)), kid, alg: "ES256", use: "sig" };
  const signToken = ({ header, ...claims }: TokenOverrides = {}) => {
    const seconds = Math.floor(now().getTime() / 1000);
    const payload = {
      iss: issuer,
      aud: audience,
      sub: newId(),
      sid: newId(),
      jti: newId(),
      iat: seconds,
      exp: seconds + 900,
      auth_time: seconds,
      roles: [],
      is_superuser: false,
      username: "ada",
      ...claims,
    };
    return new SignJWT(payload).setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid, ...header }).sign(privateKey);
  };
  return { kid, issuer, audience, privateKey, publicKey, publicJwk, jwks: { keys: [publicJwk] }, signToken };
}
