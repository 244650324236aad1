import { recentMap } from "@stoa/db";
import { StoaError } from "@stoa/errors";
import { decodeProtectedHeader, errors, jwtVerify } from "jose";
import { type Claims, readClaims, requiredClaims } from "./claims.ts";
import { type JwkSet, keySet, remoteKeys } from "./key-set.ts";
import type { Principal } from "./principal.ts";
import type { Override, Revocations } from "./revocations.ts";

/** What a verifier trusts, fixed at construction. */
export interface VerifierOptions {
  /** Where identity publishes its keys. Give this or `keys`. */
  readonly jwksUrl?: string;
  /** Returns the key set, for a process that has it without HTTP. */
  readonly keys?: () => Promise<JwkSet>;
  readonly issuer: string;
  readonly audience: string;
  readonly revocations: Revocations;
  readonly now: () => Date;
  /** Fetches `jwksUrl`; the global `fetch` by default. */
  readonly fetch?: typeof fetch;
}

/** Turns access tokens into principals. */
export interface Verifier {
  /**
   * @throws StoaError `invalid_token`, `token_expired`, `session_revoked`; `unavailable` until the keys were read once
   */
  verify(token: string): Promise<Principal>;
  /** Reads the keys again, after a `key.*` event. When that fails, the last good set stays. */
  reload(): Promise<void>;
}

interface Verified extends Claims {
  readonly kid: string;
}

const MAX_TOKEN_LENGTH = 8_192;
/** How far the clock of identity may be ahead. */
const AHEAD_SECONDS = 60;
/** Base64 decoders ignore the last four bits of a signature of 64 bytes: written as zeros, a token has one spelling. */
const oneSpelling = /^[\w-]+\.[\w-]+\.[\w-]{85}[AQgw]$/;
const CACHED_TOKENS = 10_000;

/**
 * Verifies access tokens: an ES256 signature by a published key, `typ: at+jwt`, issuer, audience and every claim. The
 * signature is checked once for each token. Expiry, whether its key is still published, and revocation are checked
 * every time.
 *
 * Source: RFC 8725 (JWT best current practices), RFC 9068 (access token profile).
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const { issuer, audience, revocations, now } = options;
  const read = options.keys ?? (options.jwksUrl === undefined ? undefined : remoteKeys(options.jwksUrl, options.fetch));
  if (!read) throw new TypeError("A verifier needs jwksUrl or keys.");
  const keys = keySet(read, () => now().getTime());
  const verified = recentMap<Verified>(CACHED_TOKENS);

  async function check(token: string): Promise<Verified> {
    if (!oneSpelling.test(token)) throw new StoaError("invalid_token");
    const kid = kidOf(token);
    const key = await keys.find(kid);
    if (!key) throw new StoaError("invalid_token");
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: ["ES256"],
        typ: "at+jwt",
        issuer,
        audience,
        requiredClaims,
        currentDate: now(),
      });
      const entry = { ...readClaims(payload), kid };
      if (entry.issued_at > now().getTime() / 1_000 + AHEAD_SECONDS) throw new StoaError("invalid_token");
      verified.set(token, entry);
      return entry;
    } catch (error) {
      throw refusal(error);
    }
  }

  async function recheck(token: string, entry: Verified): Promise<Verified> {
    if (entry.principal.expires_at * 1_000 <= now().getTime()) {
      verified.delete(token);
      throw new StoaError("token_expired");
    }
    if (keys.knows(entry.kid) || (await keys.find(entry.kid))) return entry;
    verified.delete(token);
    throw new StoaError("invalid_token");
  }

  return {
    reload: () => keys.reload(),
    async verify(token) {
      if (typeof token !== "string" || token.length > MAX_TOKEN_LENGTH) throw new StoaError("invalid_token");
      const known = verified.get(token);
      const { principal, issued_at, kid } = known ? await recheck(token, known) : await check(token);
      const { user_id, session_id } = principal;
      const override = await revocations.lookup({ user_id, session_id, kid, issued_at });
      if (!override) return principal;
      if (override.revoked) verified.delete(token);
      return apply(override, principal);
    },
  };
}

/** The token's `kid`. It selects one of the known keys and is used for nothing else. */
function kidOf(token: string): string {
  const { kid, alg } = headerOf(token);
  if (alg === "ES256" && typeof kid === "string" && kid.length > 0 && kid.length <= 128) return kid;
  throw new StoaError("invalid_token");
}

function headerOf(token: string) {
  try {
    return decodeProtectedHeader(token);
  } catch (cause) {
    throw new StoaError("invalid_token", { cause });
  }
}

function apply(override: Override, principal: Principal): Principal {
  if (override.revoked === "key") throw new StoaError("invalid_token");
  if (override.revoked) throw new StoaError("session_revoked");
  return {
    ...principal,
    is_superuser: override.is_superuser ?? principal.is_superuser,
    roles: override.roles ?? principal.roles,
  };
}

/** Translates an error of jose. Only its code becomes the cause, because the rest holds claims of the token. */
function refusal(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new StoaError("token_expired", { cause: error.code });
  if (error instanceof errors.JOSEError) return new StoaError("invalid_token", { cause: error.code });
  return error;
}
