import { newId } from "@stoa/db";
import { type CryptoKey, exportJWK, generateKeyPair, type JSONWebKeySet, type JWK, SignJWT } from "jose";

/** Claims to change in a test token. `undefined` leaves a claim out; `header` changes the JOSE header. */
export interface TokenOverrides {
  readonly [claim: string]: unknown;
  /** JOSE header fields to change: `{ typ: "JWT" }`, `{ kid: "unknown" }`. */
  readonly header?: Record<string, unknown>;
}

/** A key pair like identity's, and tokens signed with it. */
export interface TestKeys {
  readonly kid: string;
  readonly issuer: string;
  readonly audience: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  /** The public key with `kid`, `alg` and `use`, as in a key set. */
  readonly publicJwk: JWK;
  readonly jwks: JSONWebKeySet;
  /**
   * Signs an access token like identity's: ES256, `typ: at+jwt`, valid for 15 minutes, of a user without roles.
   *
   * @example await keys.signToken({ sub: user_id, is_superuser: true, exp: undefined })
   */
  signToken(overrides?: TokenOverrides): Promise<string>;
}

/** Makes a new ES256 key pair. Without options, it has the issuer and audience that tests use. */
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
      amr: ["pwd"],
      roles: [],
      is_superuser: false,
      username: "ada",
      ...claims,
    };
    return new SignJWT(payload).setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid, ...header }).sign(privateKey);
  };
  return { kid, issuer, audience, privateKey, publicKey, publicJwk, jwks: { keys: [publicJwk] }, signToken };
}
