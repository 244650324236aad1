import { jwt } from "@elysiajs/jwt";
import { importJWK, type JWK, jwtVerify } from "jose";

/** What an access token says; the plugin adds `iat`. */
export type AccessClaims = {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly sid: string;
  readonly jti: string;
  readonly exp: number;
  readonly auth_time: number;
  readonly amr: string[];
  readonly roles: string[];
  readonly is_superuser: boolean;
  readonly username: string;
};

/** Signs access tokens with one key. */
export interface Signer {
  readonly kid: string;
  sign(claims: AccessClaims): Promise<string>;
}

/**
 * A signer for one key: an `@elysiajs/jwt` instance of its own, outside any app, because the plugin's key is fixed
 * when it is made. Signs once and verifies it before it is used, so that a damaged key is noticed at start and not
 * by every service.
 */
export async function makeSigner(kid: string, privateJwk: JWK, publicJwk: JWK): Promise<Signer> {
  const secret = await importJWK(privateJwk, "ES256");
  if (secret instanceof Uint8Array) throw new TypeError(`The signing key ${kid} is no elliptic curve key.`);
  const plugin = jwt({ name: "access", secret, alg: "ES256", kid, typ: "at+jwt" });
  const { sign } = plugin.decorator["access"];
  const probe = await sign({ sub: "self-test" });
  await jwtVerify(probe, await importJWK(publicJwk, "ES256"), { algorithms: ["ES256"], typ: "at+jwt" });
  return { kid, sign: (claims) => sign(claims) };
}
