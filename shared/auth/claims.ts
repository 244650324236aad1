import { StoaError } from "@stoa/errors";
import type { JWTPayload } from "jose";
import type { Principal } from "./principal.ts";

/** Claims that every access token has (RFC 9068, section 2.2, and Stoa's own). */
export const requiredClaims = ["iss", "aud", "exp", "iat", "sub", "sid", "jti", "auth_time"];

/** What a token says, once its signature has been verified. */
export interface Claims {
  readonly principal: Principal;
  readonly issued_at: number;
}

/**
 * Reads the principal from a token's claims. Each claim must have exactly the type that identity gives it.
 *
 * @throws StoaError `invalid_token`
 */
export function readClaims(payload: JWTPayload): Claims {
  const { sub, sid, jti, iat, exp, auth_time, roles, is_superuser, username } = payload;
  // A token that an earlier release signed has none. During an upgrade it is still good, and has proven no second factor.
  const { amr = [] } = payload;
  if (
    !isText(sub) ||
    !isText(sid) ||
    !isText(jti) ||
    !isText(username) ||
    !isTime(iat) ||
    !isTime(exp) ||
    !isTime(auth_time) ||
    typeof is_superuser !== "boolean" ||
    !isTexts(roles) ||
    !isTexts(amr)
  ) {
    throw new StoaError("invalid_token");
  }
  const principal: Principal = Object.freeze({
    user_id: sub,
    session_id: sid,
    username,
    roles: Object.freeze(roles),
    is_superuser,
    auth_time,
    amr: Object.freeze(amr),
    expires_at: exp,
    token_id: jti,
  });
  return { principal, issued_at: iat };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= 255;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText);
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
